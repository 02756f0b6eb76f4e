"""Joins found in other people's databases, held against the joins that their own metadata states."""

import json
import re

import duckdb
import pytest

from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe

pytestmark = pytest.mark.data
_REFERS = re.compile(
    r"referenc\w+ (?:the )?(?:'(\w+)' column of the '(\w+)' table|(\w+)(?: column in the (\w+))? table)", re.I
)


def stated(folder, name):
    """(table, column, target table) triples that the metadata of a database states in words."""
    metadata = json.loads((folder / "defog" / "metadata" / f"{name}.json").read_text())
    tables = metadata["table_metadata"]
    found = set()
    for table, columns in tables.items():
        for column in columns:
            told = _REFERS.search(column.get("column_description") or "")
            target = (told[2] or told[4] or told[3]) if told else None
            if target in tables:
                found.add((table, column["column_name"], target))
    return found | _glossary(metadata["glossary"], tables)


def _glossary(text, tables):
    found = set()
    for target, source, key in re.findall(r"- (\w+) can be joined to (\w+) on (\w+)", text):
        column = next(c["column_name"] for c in tables[source] if c["column_name"].endswith(key[2:]))
        found.add((source, column, target))
    for target, column, sources in re.findall(r"`(\w+)\.id` can be joined with `(\w+)` from (.+?) tables?", text):
        found.update((source, column, target) for source in re.findall(r"`(\w+)`", sources))
    return found


def joined(path, profiled):
    with duckdb.connect(str(path), read_only=True) as connection:
        model = infer(profiled(connection), DuckDBProbe(connection), name="test").model
    return {(t, c, j.to) for t, table in model.tables.items() for j in table.joins for c in j.on}


@pytest.mark.parametrize("name", ["academic", "broker", "car_dealership"])
def test_every_stated_join_is_found_and_no_other(outside, profiled, name):
    wanted = stated(outside, name)
    found = joined(outside / "defog" / "db" / f"{name}.duckdb", profiled)
    assert len(wanted) >= 3
    assert wanted <= found
    unstated = {
        ("publication", "cid", "conference"),
        ("publication", "jid", "journal"),
        ("author", "oid", "organization"),
    }
    assert found - wanted <= unstated


SPIDER = {
    "dog_kennels": {
        ("Dogs", "owner_id", "Owners"), ("Dogs", "breed_code", "Breeds"), ("Dogs", "size_code", "Sizes"),
        ("Treatments", "dog_id", "Dogs"), ("Treatments", "professional_id", "Professionals"),
        ("Treatments", "treatment_type_code", "Treatment_Types"),
    },
    "museum_visit": {("visit", "Museum_ID", "museum"), ("visit", "visitor_ID", "visitor")},
    "concert_singer": {
        ("concert", "Stadium_ID", "stadium"), ("singer_in_concert", "concert_ID", "concert"),
        ("singer_in_concert", "Singer_ID", "singer"),
    },
    "employee_hire_evaluation": {
        ("evaluation", "Employee_ID", "employee"), ("hiring", "Shop_ID", "shop"), ("hiring", "Employee_ID", "employee"),
    },
    "student_transcripts_tracking": {
        ("Degree_Programs", "department_id", "Departments"), ("Sections", "course_id", "Courses"),
        ("Student_Enrolment", "degree_program_id", "Degree_Programs"),
        ("Student_Enrolment", "semester_id", "Semesters"),
        ("Student_Enrolment", "student_id", "Students"), ("Student_Enrolment_Courses", "course_id", "Courses"),
        ("Student_Enrolment_Courses", "student_enrolment_id", "Student_Enrolment"),
        ("Students", "current_address_id", "Addresses"), ("Students", "permanent_address_id", "Addresses"),
        ("Transcript_Contents", "student_course_id", "Student_Enrolment_Courses"),
        ("Transcript_Contents", "transcript_id", "Transcripts"),
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SPIDER)
def test_joins_read_off_the_schemas_by_a_person(outside, profiled, name):
    assert joined(outside / "spider_dev" / "db" / f"{name}.duckdb", profiled) == SPIDER[name]
