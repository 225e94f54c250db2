package b24sql

import (
	"fmt"
	"strings"
)

// Dialect is the SQL that a database speaks.
type Dialect int

const (
	// PostgreSQL is for PostgreSQL 10 or newer.
	PostgreSQL Dialect = iota + 1
	// MySQL is for MySQL 5.7 and MariaDB 10.2, or newer.
	MySQL
	// SQLite is for SQLite 3.24 or newer.
	SQLite
)

// String returns the name of the dialect.
func (d Dialect) String() string {
	switch d {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	default:
		return fmt.Sprintf("Dialect(%d)", int(d))
	}
}

func (d Dialect) check() error {
	if d < PostgreSQL || d > SQLite {
		return fmt.Errorf("there is no %v: use PostgreSQL, MySQL or SQLite", d)
	}
	return nil
}

// clock returns the expression for the time in microseconds since 1970. It takes no part in time
// zones: local times are ambiguous for an hour each autumn.
func (d Dialect) clock() string {
	switch d {
	case PostgreSQL:
		return "cast(extract(epoch from statement_timestamp()) * 1000000 as bigint)" // now() is when the transaction began
	case MySQL:
		return "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))"
	default:
		return "(cast(round((julianday('now') - 2440587.5) * 86400000) as integer) * 1000)" // its clock has milliseconds
	}
}

// later returns the expression for the larger of two numbers.
func (d Dialect) later(a, b string) string {
	if d == SQLite {
		return "max(" + a + ", " + b + ")"
	}
	return "greatest(" + a + ", " + b + ")"
}

// sql puts a table and the dialect's own words into a statement. Its parameters are ?.
func (d Dialect) sql(table, text string) string {
	return d.numbered(strings.NewReplacer("{table}", table, "{now}", d.later(d.clock(), "written"), "{clock}", d.clock()).Replace(text))
}

// numbered names the parameters of a statement as the dialect does.
func (d Dialect) numbered(text string) string {
	if d != PostgreSQL {
		return text
	}
	var b strings.Builder
	for i, part := range strings.Split(text, "?") {
		if i > 0 {
			fmt.Fprintf(&b, "$%d", i)
		}
		b.WriteString(part)
	}
	return b.String()
}

// schema returns the statement that creates the table. Names are binary, so that letter case
// matters and no collation does.
func (d Dialect) schema(table string) string {
	binary, text, engine := "bytea", "bytea", ""
	switch d {
	case MySQL:
		binary, text, engine = "mediumblob", "varbinary(200)", " engine = InnoDB" // a blob has one byte less than a value may
	case SQLite:
		binary, text = "blob", "blob"
	case PostgreSQL:
	}
	return "create table if not exists " + table + " (\n" +
		"\tname " + text + " not null primary key,\n" +
		"\tvalue " + binary + " not null,\n" +
		"\tversion bigint not null, -- random, another one after each update\n" +
		"\twritten bigint not null, -- microseconds since 1970\n" +
		"\texpires bigint not null -- the same\n" +
		")" + engine
}

// statements are what a store sends.
type statements struct {
	read, list, expired, discard string
	insert, update, remove       string
}

func (d Dialect) statements(table string) statements {
	insert := "insert into {table} (value, version, expires, written, name) values (?, ?, {clock} + ?, {clock}, ?)"
	if d == MySQL {
		insert = strings.Replace(insert, "insert", "insert ignore", 1)
	} else {
		insert += " on conflict (name) do nothing"
	}
	s := statements{
		// One row, also if there is no value.
		read:    "select {clock}, value, version, written, expires from (select 1 as one) as o left join {table} on name = ?",
		list:    "select name from {table} where name >= ? and name < ? and expires > {clock} order by name limit ?",
		expired: "select name from {table} where expires <= {clock} limit ?",
		discard: "delete from {table} where expires <= {clock} and name in ", // and a list
		insert:  insert,
		// MySQL assigns from left to right, and expires needs the old written.
		update: "update {table} set value = ?, version = ?, expires = {now} + ?, written = {now} where name = ? and version = ?",
		remove: "delete from {table} where name = ? and version = ?",
	}
	for _, text := range []*string{&s.read, &s.list, &s.expired, &s.insert, &s.update, &s.remove} {
		*text = d.sql(table, *text)
	}
	s.discard = strings.NewReplacer("{table}", table, "{clock}", d.clock()).Replace(s.discard)
	return s
}
