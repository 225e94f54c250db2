// Package b24sql keeps what several processes share about a portal in one table of a database that
// you have anyway: PostgreSQL, MySQL or MariaDB, or SQLite. It implements [b24.Store] over
// database/sql, and imports no driver.
//
// A value is updated by compare-and-swap: one statement reads it together with the database's
// clock, and one statement writes it if its version is still the same. If it is not, the change
// runs again, after a short random pause. No row is locked longer than that one statement.
//
// [Migrate] creates the table. [New] checks that the database loses nothing that it confirmed; see
// [WithVolatile] for one that may.
package b24sql
