-- An invented group of four hospitals and five clinics. Patients are keys without names: every figure is about groups.

CREATE TABLE facilities AS
SELECT facility_id, facility_name, facility_type, county, licensed_beds, operating_rooms, size FROM (VALUES
  (1, 'Lakeside General', 'Hospital', 'Lake', 310, 14, 100), (2, 'Lakeside North', 'Hospital', 'Marion', 180, 8, 62), (3, 'Westbrook Hospital', 'Hospital', 'West', 210, 10, 74), (4, 'St Brendan Hospital', 'Hospital', 'Harbor', 140, 6, 48),
  (5, 'Elm Street Clinic', 'Clinic', 'Lake', NULL, NULL, 40), (6, 'Marion Family Clinic', 'Clinic', 'Marion', NULL, NULL, 36), (7, 'Westbrook Specialty Clinic', 'Clinic', 'West', NULL, NULL, 44),
  (8, 'Harborview Clinic', 'Clinic', 'Harbor', NULL, NULL, 30), (9, 'Riverside Walk-in', 'Clinic', 'Lake', NULL, NULL, 34)
) t(facility_id, facility_name, facility_type, county, licensed_beds, operating_rooms, size);

CREATE TEMP TABLE line AS FROM (VALUES
  (1, 'Emergency', 'Hospital', 0, 0.0, 0.0, 0), (2, 'General Medicine', 'Hospital', 30, 4.4, 0.135, 9800), (3, 'Cardiology', 'Hospital', 15, 4.1, 0.150, 14200), (4, 'Orthopaedics', 'Hospital', 14, 4.6, 0.060, 17800),
  (5, 'General Surgery', 'Hospital', 16, 3.9, 0.085, 15400), (6, 'Maternity', 'Hospital', 13, 2.6, 0.020, 7900), (7, 'Intensive Care', 'Hospital', 6, 5.8, 0.120, 31500), (8, 'Oncology', 'Hospital', 6, 5.2, 0.170, 19800),
  (9, 'Primary Care', 'Clinic', 36, 0, 0, 0), (10, 'Behavioral Health', 'Clinic', 14, 0, 0, 0), (11, 'Cardiology Clinic', 'Clinic', 13, 0, 0, 0), (12, 'Orthopaedic Clinic', 'Clinic', 15, 0, 0, 0), (13, 'Imaging', 'Clinic', 22, 0, 0, 0)
) t(line_no, department_name, place, weight, stay, readmit, cost);

CREATE TABLE care_units AS
SELECT f.facility_id * 100 + l.line_no AS department_id, department_name, facility_id,
  CASE WHEN line_no IN (3, 11) THEN 'Cardiac' WHEN line_no IN (4, 12) THEN 'Musculoskeletal' WHEN line_no IN (5) THEN 'Surgery' WHEN line_no = 6 THEN 'Maternity' WHEN line_no = 8 THEN 'Cancer care' WHEN line_no = 10 THEN 'Behavioral care' ELSE 'General' END AS service_line,
  CASE WHEN place = 'Hospital' AND line_no > 1 THEN greatest(4, round(licensed_beds * weight / 172.0))::INTEGER END AS staffed_beds
FROM facilities f JOIN line l ON l.place = f.facility_type;

CREATE TABLE providers AS
SELECT department_id * 100 + n AS provider_id, 'P-' || (department_id * 100 + n) AS provider_code, department_id, CASE WHEN n % 4 = 3 THEN 'Nurse practitioner' ELSE 'Physician' END AS provider_role,
  CASE WHEN dice(department_id * 100 + n, 1, 5) = 0 THEN 'Locum' ELSE 'Employed' END AS employment
FROM care_units, range(6) r(n);

CREATE TEMP TABLE busy AS
SELECT d.*, f.facility_id, facility_type, size, d.day_no * 10 + f.facility_id AS id, (SELECT scale FROM span) * size * (1 + 0.025 * years) * (1 + 0.05 * bell(d.day_no * 10 + f.facility_id, 1)) AS volume,
  (d.month, day(d.day)) IN ((12, 25), (1, 1), (7, 4)) AS holiday
FROM day d, facilities f;

-- encounters: emergency visits, stays and day cases of the hospitals
CREATE TEMP TABLE arrival AS
WITH class AS (
  SELECT b.*, c.encounter_class, c.no, volume * CASE c.encounter_class
    WHEN 'Emergency' THEN 0.92 * [118, 116, 106, 97, 95, 96, 98, 96, 97, 100, 104, 117][month] * [108, 101, 98, 97, 98, 100, 98][weekday] / 10000
    WHEN 'Inpatient' THEN 0.30 * [106, 104, 102, 99, 99, 98, 97, 98, 99, 101, 101, 96][month] * [116, 112, 109, 107, 102, 78, 76][weekday] / 10000
    ELSE 0.24 * [99, 100, 104, 101, 103, 102, 92, 95, 103, 105, 103, 93][month] * [128, 132, 130, 128, 116, 40, 6][weekday] / 10000 * CASE WHEN holiday THEN 0.1 ELSE 1 END END AS wanted
  FROM busy b, (VALUES ('Emergency', 1), ('Inpatient', 2), ('Day surgery', 3)) c(encounter_class, no) WHERE facility_type = 'Hospital'
)
SELECT day, day_no, years, month, facility_id, encounter_class, id::BIGINT * 10000 + no * 1000 + unnest(range(1, 1 + round(wanted)::INTEGER)) AS encounter_id FROM class
-- the theatres of Westbrook close for work on the air system in June 2026
WHERE NOT (facility_id = 3 AND encounter_class = 'Day surgery' AND day BETWEEN DATE '2026-06-03' AND DATE '2026-06-28');

CREATE TEMP TABLE ward AS SELECT line_no, row_number() OVER (ORDER BY line_no, n)::INTEGER - 1 AS no FROM line, range(weight) r(n) WHERE place = 'Hospital' AND line_no > 1;

CREATE TEMP TABLE stay AS
SELECT a.*, CASE encounter_class WHEN 'Emergency' THEN 1 WHEN 'Day surgery' THEN CASE WHEN dice(encounter_id, 1, 10) < 4 THEN 4 ELSE 5 END ELSE w.line_no END AS line_no,
  ['0-17', '18-39', '40-64', '40-64', '65-74', '75+', '75+'][1 + dice(encounter_id, 2, 7)] AS age_group, (roll(encounter_id, 3) * 90000 * sqrt(roll(encounter_id, 4)))::INTEGER AS patient_no
FROM arrival a JOIN ward w ON w.no = dice(encounter_id, 5, 100);

CREATE TABLE encounters AS
WITH timed AS (
  SELECT s.*, l.cost, l.readmit, facility_id * 100 + line_no AS department_id, s.day + to_seconds(CASE encounter_class WHEN 'Emergency' THEN dice(encounter_id, 6, 86400) ELSE 21600 + dice(encounter_id, 6, 36000) END) AS admitted_at,
    CASE encounter_class WHEN 'Emergency' THEN greatest(0.4, 3.9 + 1.5 * bell(encounter_id, 7) + CASE WHEN facility_id = 2 AND s.day >= DATE '2026-04-01' THEN 1.6 ELSE 0 END) WHEN 'Day surgery' THEN 6 + 2 * bell(encounter_id, 7)
      ELSE 24 * greatest(0.7, (l.stay + CASE age_group WHEN '75+' THEN 1.3 WHEN '65-74' THEN 0.5 ELSE -0.4 END - CASE WHEN line_no = 4 AND s.day >= DATE '2026-02-02' THEN 1.5 ELSE 0 END) * (1 + 0.45 * bell(encounter_id, 7))) END AS hours
  FROM stay s JOIN line l USING (line_no)
)
SELECT encounter_id, md5('k' || patient_no)[:12] AS patient_key, facility_id, department_id, department_id * 100 + dice(encounter_id, 10, 6) AS attending_provider_id, encounter_class, age_group, CASE WHEN dice(encounter_id, 11, 100) < 52 THEN 'F' ELSE 'M' END AS sex,
  CASE WHEN age_group IN ('65-74', '75+') AND dice(encounter_id, 12, 10) < 9 THEN 'Medicare' ELSE ['Commercial', 'Commercial', 'Commercial', 'Medicaid', 'Medicaid', 'Self-pay'][1 + dice(encounter_id, 13, 6)] END AS payer,
  admitted_at, CASE WHEN admitted_at + to_seconds((hours * 3600)::INTEGER) < last_day + INTERVAL 1 DAY AND dice(encounter_id, 14, 400) <> 0 THEN admitted_at + to_seconds((CASE WHEN dice(encounter_id, 15, 500) = 0 THEN -40 ELSE hours END * 3600)::INTEGER) END AS discharged_at,
  CASE WHEN discharged_at > admitted_at AND encounter_class = 'Inpatient' THEN round(epoch(discharged_at - admitted_at) / 86400, 2) END::DECIMAL(7, 2) AS length_of_stay_days,
  CASE WHEN encounter_class = 'Emergency' THEN greatest(2, 38 + 24 * bell(encounter_id, 16) + CASE WHEN facility_id = 2 AND day >= DATE '2026-04-01' THEN 31 ELSE 0 END)::INTEGER END AS door_to_provider_minutes,
  encounter_class = 'Emergency' AND roll(encounter_id, 20) < 0.021 + CASE WHEN facility_id = 2 AND day >= DATE '2026-04-01' THEN 0.03 ELSE 0 END AS left_without_being_seen,
  CASE WHEN discharged_at IS NULL THEN NULL WHEN encounter_class = 'Inpatient' AND roll(encounter_id, 21) < 0.14 THEN 'Skilled nursing' WHEN roll(encounter_id, 22) < 0.012 THEN 'Died' WHEN encounter_class = 'Emergency' AND roll(encounter_id, 23) < 0.21 THEN 'Admitted' ELSE 'Home' END AS discharge_disposition,
  encounter_class = 'Inpatient' AND discharged_at IS NOT NULL AND roll(encounter_id, 24) < readmit * CASE WHEN age_group = '75+' AND line_no = 3 THEN 2.1 WHEN age_group = '75+' THEN 1.25 ELSE 0.9 END AS readmitted_30d,
  (CASE encounter_class WHEN 'Emergency' THEN 610 + 190 * bell(encounter_id, 25) WHEN 'Day surgery' THEN 3900 + 700 * bell(encounter_id, 25) ELSE cost * (0.45 + 0.55 * hours / 24 / greatest(1, 4.2)) * (1 + 0.12 * bell(encounter_id, 25)) END * (1 + 0.04 * years))::DECIMAL(12, 2) AS direct_cost,
  (direct_cost * CASE payer WHEN 'Commercial' THEN 1.46 WHEN 'Medicare' THEN 0.97 WHEN 'Medicaid' THEN 0.84 ELSE 0.35 END)::DECIMAL(12, 2) AS net_revenue, CASE WHEN dice(encounter_id, 30, 900) = 0 THEN 'Test' ELSE 'Valid' END AS record_status
FROM timed, span ORDER BY encounter_id;

-- appointments of the clinics
CREATE TABLE appointments AS
WITH raw AS (
  SELECT day, day_no, years, month, facility_id, id::BIGINT * 1000 + unnest(range(1, 1 + round(volume * 3.05 * [101, 99, 103, 101, 101, 99, 92, 95, 102, 105, 101, 93][month] * [113, 110, 108, 106, 97, 22, 0][weekday] / 10000.0 * CASE WHEN holiday THEN 0 ELSE 1 END
    * CASE WHEN day = DATE '2025-02-11' THEN 0.12 ELSE 1 END)::INTEGER)) AS appointment_id
  FROM busy WHERE facility_type = 'Clinic'
),
slot AS (SELECT line_no, department_name, row_number() OVER (ORDER BY line_no, n)::INTEGER - 1 AS no FROM line, range(weight) r(n) WHERE place = 'Clinic'),
placed AS (SELECT r.*, s.line_no, s.department_name, r.facility_id * 100 + s.line_no AS department_id, CASE WHEN s.line_no = 13 THEN 'Imaging' WHEN roll(appointment_id, 2) < 0.17 + CASE WHEN s.line_no = 10 THEN 0.28 ELSE 0 END THEN 'Telehealth' WHEN roll(appointment_id, 3) < 0.28 THEN 'New patient' ELSE 'Follow-up' END AS visit_type,
  greatest(0, 11 + 9 * bell(appointment_id, 4) + CASE WHEN s.line_no = 12 THEN 9 ELSE 0 END)::INTEGER AS lead FROM raw r JOIN slot s ON s.no = dice(appointment_id, 1, 100)),
status AS (
  SELECT *, CASE WHEN roll(appointment_id, 8) < 0.085 THEN 'Cancelled' WHEN roll(appointment_id, 9) < 0.055 + 0.0022 * lead + CASE WHEN line_no = 10 THEN 0.05 ELSE 0 END + CASE WHEN month IN (1, 2) THEN 0.012 ELSE 0 END
    + CASE WHEN visit_type = 'Telehealth' AND line_no = 10 AND day >= DATE '2026-08-03' THEN 0.30 ELSE 0 END THEN 'No-show' ELSE 'Completed' END AS outcome FROM placed
)
SELECT appointment_id, md5('k' || (roll(appointment_id, 10) * 60000)::INTEGER)[:12] AS patient_key, facility_id, department_id, department_id * 100 + dice(appointment_id, 11, 6) AS provider_id, visit_type,
  ['0-17', '18-39', '18-39', '40-64', '40-64', '65-74', '75+'][1 + dice(appointment_id, 12, 7)] AS age_group, day - lead AS booked_on, day AS scheduled_date, lead AS lead_days, CASE WHEN line_no = 13 THEN 30 WHEN visit_type = 'New patient' THEN 40 ELSE 20 END AS slot_minutes,
  outcome AS appt_status, CASE WHEN outcome = 'Completed' AND dice(appointment_id, 13, 20) <> 0 THEN greatest(0, 17 + 11 * bell(appointment_id, 14) + CASE WHEN facility_id = 9 THEN 9 ELSE 0 END)::INTEGER END AS wait_minutes
FROM status ORDER BY appointment_id;

CREATE TABLE bed_census AS
WITH d AS (SELECT * FROM care_units WHERE staffed_beds IS NOT NULL),
-- whoever was in at midnight
night AS (SELECT department_id, unnest(generate_series(admitted_at::DATE::TIMESTAMP, discharged_at::DATE - INTERVAL 1 DAY, INTERVAL 1 DAY))::DATE AS census_date
  FROM encounters WHERE encounter_class = 'Inpatient' AND record_status = 'Valid'),
inside AS (SELECT department_id, census_date, count(*) AS beds FROM night GROUP BY ALL)
SELECT n.day AS census_date, d.facility_id, d.department_id, greatest(2, d.staffed_beds * (SELECT scale FROM span))::INTEGER AS staffed_beds, coalesce(i.beds, 0)::INTEGER AS occupied_beds
FROM d CROSS JOIN day n LEFT JOIN inside i ON i.department_id = d.department_id AND i.census_date = n.day ORDER BY ALL;

CREATE TABLE surgical_cases AS
SELECT encounter_id * 10 AS case_id, encounter_id, admitted_at::DATE AS surgery_date, facility_id, department_id, 'OR ' || (1 + dice(encounter_id, 40, 8)) AS operating_room, greatest(20, 94 + 34 * bell(encounter_id, 41))::INTEGER AS scheduled_minutes,
  greatest(15, scheduled_minutes * (1.02 + 0.13 * bell(encounter_id, 44)))::INTEGER AS actual_minutes, greatest(8, 31 + 8 * bell(encounter_id, 47) + CASE WHEN facility_id = 4 THEN 9 ELSE 0 END)::INTEGER AS turnover_minutes, dice(encounter_id, 50, 100) < 64 AS first_case_on_time,
  CASE WHEN dice(encounter_id, 51, 100) < 4 THEN 'Cancelled same day' ELSE 'Performed' END AS case_status
FROM encounters WHERE encounter_class = 'Day surgery' OR (department_id % 100 IN (4, 5) AND encounter_class = 'Inpatient');

CREATE TABLE staff_hours AS
WITH job AS (FROM (VALUES ('Registered nurse', 4.9, 48, 1), ('Nursing assistant', 2.2, 24, 2), ('Physician', 1.1, 128, 3), ('Clerk', 0.7, 22, 4)) t(job_role, hours, wage, no)),
worked AS (SELECT d.department_id, d.facility_id, day, day_no, years, department_id % 100 AS line_no, job_role, no, wage, day_no * 10000 + department_id * 10 + no AS id,
  hours * scale * coalesce(d.staffed_beds, 16) * 0.82 * (1 + 0.06 * bell(day_no * 10000 + department_id * 10 + no, 1)) * CASE WHEN line_no > 8 AND weekday > 5 THEN 0.2 WHEN line_no = 7 THEN 2.3 ELSE 1 END AS hours
  FROM care_units d, day, job, span)
SELECT day AS work_date, facility_id, department_id, job_role, hours::DECIMAL(9, 1) AS paid_hours, (hours * (0.035 + 0.012 * abs(bell(id, 5))))::DECIMAL(9, 1) AS overtime_hours,
  CASE WHEN job_role <> 'Clerk' THEN hours * (0.03 + CASE WHEN line_no = 7 AND job_role = 'Registered nurse' AND day >= DATE '2026-05-01' THEN 0.24 ELSE 0 END) ELSE 0 END::DECIMAL(9, 1) AS agency_hours,
  (hours * wage * (1 + 0.035 * floor(years)) + overtime_hours * wage * 0.5 + agency_hours * wage * 0.85)::DECIMAL(12, 2) AS labor_cost
FROM worked ORDER BY ALL;

CREATE TABLE patient_surveys AS
SELECT appointment_id AS survey_id, facility_id, department_id, scheduled_date + 3 AS received_on, greatest(0, least(10, round(8.7 + 1.3 * bell(appointment_id, 60) - coalesce(wait_minutes, 20) / 45.0)))::INTEGER AS recommend_score
FROM appointments, span WHERE appt_status = 'Completed' AND dice(appointment_id, 63, 100) < 6 AND scheduled_date + 3 <= last_day
UNION ALL
SELECT encounter_id, facility_id, department_id, discharged_at::DATE + 6, greatest(0, least(10, round(8.3 + 1.4 * bell(encounter_id, 64))))::INTEGER FROM encounters, span WHERE encounter_class = 'Inpatient' AND discharge_disposition = 'Home' AND dice(encounter_id, 67, 100) < 18 AND discharged_at::DATE + 6 <= last_day;

CREATE TABLE compliance_audits AS
SELECT day_no * 1000 + department_id AS audit_id, day AS audit_date, facility_id, department_id, ['Hand hygiene', 'Medication reconciliation', 'Fall risk screen', 'Chart completion'][1 + dice(day_no * 1000 + department_id, 1, 4)] AS audit_type, 10 + dice(day_no * 1000 + department_id, 2, 21) AS observations,
  least(observations, round(observations * (0.925 + 0.05 * bell(day_no * 1000 + department_id, 3) - CASE WHEN facility_id = 4 AND audit_type = 'Hand hygiene' AND day >= DATE '2026-07-01' THEN 0.2 ELSE 0 END)))::INTEGER AS compliant
FROM care_units, day WHERE dice(day_no * 1000 + department_id, 6, 7) = 0 ORDER BY ALL;

ALTER TABLE facilities DROP COLUMN size;
