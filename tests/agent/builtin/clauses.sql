-- A wine cellar: enough kinds of records for every family of questions in clauses.yaml.
CREATE TABLE vineyards(vineyard_id INT, vineyard_name TEXT, region TEXT, hectares DOUBLE, founded_year INT);
INSERT INTO vineyards VALUES (1,'Belmont','Rhone',12.5,1901),
 (2,'Clos Rouge','Loire',30,1954),
 (3,'Dry Creek','Sonoma',8,1989),
 (4,'Eagle Ridge','Sonoma',21,2003),
 (5,'Font Sant','Priorat',5.5,1977),
 (6,'Old Gate','Rhone',17,1920);
CREATE TABLE wines(wine_id INT, wine_name TEXT, vineyard_id INT, colour TEXT, price DOUBLE, alcohol DOUBLE);
INSERT INTO wines VALUES (1,'Aurora',1,'red',18,13.5),
 (2,'Brise',1,'white',12,12),
 (3,'Cendre',1,'red',44,14),
 (4,'Doux',2,'white',9,11.5),
 (5,'Etoile',2,'rose',11,12),
 (6,'Fern Hill',3,'red',25,14.5),
 (7,'Golden Hour',4,'white',21,13),
 (8,'Harvest',4,'red',33,14),
 (9,'Iron Gate',4,'red',60,15),
 (10,'Jardin',6,'rose',14,12.5),
 (11,'Kestrel',4,'white',19,12.8);
CREATE TABLE tasters(taster_id INT, first_name TEXT, last_name TEXT, city TEXT, phone_number TEXT, age INT, is_certified BOOLEAN);
INSERT INTO tasters VALUES (1,'Ada','Brook','Lyon','555-0101',34,true),
 (2,'Ben','Carver','Tours','555-0102',51,false),
 (3,'Cleo','Dunn','Lyon','555-0103',28,true),
 (4,'Dov','Ekman','Napa','555-0104',63,true),
 (5,'Eve','Frost','Napa','555-0105',45,false),
 (6,'Finn','Gale','Tours','555-0106',39,false);
CREATE TABLE tastings(tasting_id INT, wine_id INT, taster_id INT, tasted_on DATE, points INT);
INSERT INTO tastings VALUES (1,1,1,'2024-01-10',88),
 (2,3,1,'2024-01-11',94),
 (3,4,2,'2024-02-02',80),
 (4,6,3,'2024-02-14',91),
 (5,9,3,'2024-03-01',97),
 (6,9,4,'2024-03-02',95),
 (7,1,4,'2024-03-09',86),
 (8,8,4,'2024-04-01',90),
 (9,5,2,'2024-04-05',82),
 (10,3,3,'2024-05-20',92),
 (11,7,1,'2024-06-01',85),
 (12,11,5,'2024-06-03',84);
