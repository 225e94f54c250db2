package b24sql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Migrate creates the table of a [Store] if there is none. Any number of processes may call it, at
// every start. The options are those of [New].
//
// If the program must not create tables, have somebody else run the statement in the README.
func Migrate(ctx context.Context, db *sql.DB, dialect Dialect, opts ...Option) error {
	c, err := newConfig(opts)
	if err := errors.Join(checkDB(db), dialect.check(), err); err != nil {
		return fmt.Errorf("b24sql: migrate: %w", err)
	}
	err = persist(ctx, func() error {
		_, err := db.ExecContext(ctx, dialect.schema(c.table))
		return err
	})
	// PostgreSQL lets one of two that create a table at the same time fail.
	if err == nil || checkTable(ctx, db, c.table) == nil {
		return nil
	}
	return fmt.Errorf("b24sql: migrate: %w", err)
}

func checkDB(db *sql.DB) error {
	if db == nil {
		return errors.New("the database is nil")
	}
	return nil
}

// querier is what a pool and a connection have in common.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// checkTable is an error if the table is not there.
func checkTable(ctx context.Context, q querier, table string) error {
	var n int
	err := q.QueryRowContext(ctx, "select count(*) from "+table+" where 1 = 0 and name is null and value is null and version + written + expires = 0").Scan(&n)
	if err != nil {
		return fmt.Errorf("table %s, which Migrate creates: %w", table, err)
	}
	return nil
}

// checkDurable is an error if the database may lose what it confirmed.
func (s *Store) checkDurable(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // it goes back to the pool
	if err := checkTable(ctx, conn, s.table); err != nil {
		return err
	}
	switch s.dialect {
	case PostgreSQL:
		return checkPostgreSQL(ctx, conn, s.table)
	case MySQL:
		return checkMySQL(ctx, conn, s.table)
	default:
		return checkSQLite(ctx, conn)
	}
}

func checkPostgreSQL(ctx context.Context, q querier, table string) error {
	var fsync, commit, kind string
	err := q.QueryRowContext(ctx, "select current_setting('fsync'), current_setting('synchronous_commit'),"+
		" relpersistence::text from pg_class where oid = to_regclass($1)", table).Scan(&fsync, &commit, &kind)
	if err != nil {
		return err
	}
	return errors.Join(
		demand(fsync == "on", "fsync is %s: set it to on", fsync),
		demand(commit != "off", "synchronous_commit is %s: set it to on", commit),
		demand(kind == "p", "table %s is not logged (relpersistence is %s): alter it to logged", table, kind),
	)
}

func checkMySQL(ctx context.Context, q querier, table string) error {
	var flush, binlog, binsync, commit int
	var engine sql.NullString
	schema, name, ok := strings.Cut(table, ".")
	if !ok {
		schema, name = "", table
	}
	err := q.QueryRowContext(ctx, "select @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@autocommit,"+
		" (select max(engine) from information_schema.tables where table_schema = coalesce(nullif(?, ''), database()) and table_name = ?)",
		schema, name).Scan(&flush, &binlog, &binsync, &commit, &engine)
	if err != nil {
		return err
	}
	const everyCommit, everyPhase = 1, 3 // 3 is MariaDB's
	return errors.Join(
		demand(flush == everyCommit || flush == everyPhase, "innodb_flush_log_at_trx_commit is %d: set it to 1", flush),
		demand(binlog == 0 || binsync == 1, "sync_binlog is %d, and log_bin is on: set sync_binlog to 1", binsync), // recovery rolls back what the log has not
		demand(commit == 1, "autocommit is off: set it to 1"),
		demand(strings.EqualFold(engine.String, "InnoDB"), "the engine of table %s is %q: alter it to InnoDB", table, engine.String),
	)
}

func checkSQLite(ctx context.Context, q querier) error {
	var (
		journal, name string
		file          sql.NullString
		sync, number  int
	)
	err := q.QueryRowContext(ctx, "pragma journal_mode").Scan(&journal)
	if err == nil {
		err = q.QueryRowContext(ctx, "pragma synchronous").Scan(&sync)
	}
	if err == nil {
		err = q.QueryRowContext(ctx, "pragma database_list").Scan(&number, &name, &file)
	}
	if err != nil {
		return err
	}
	const full, extra = 2, 3
	need := full
	if strings.EqualFold(journal, "delete") {
		need = extra // else the journal may be there again after a power cut, and undo the update
	}
	return errors.Join(
		demand(file.String != "", "the database is in memory: use a file"),
		demand(!strings.EqualFold(journal, "off") && !strings.EqualFold(journal, "memory"), "journal_mode is %s: set it to wal", journal),
		demand(sync >= need, "synchronous is %d, with journal_mode %s: set journal_mode to wal and synchronous to full", sync, journal),
	)
}

// demand is an error unless ok.
func demand(ok bool, format string, args ...any) error { //nolint:revive // it is what is demanded
	if ok {
		return nil
	}
	return fmt.Errorf("the database may lose a token: "+format, args...)
}
