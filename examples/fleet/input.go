package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"github.com/b24go/b24"
)

// byteOrderMark is what Excel writes first.
const byteOrderMark = "\uFEFF"

// readLines reads a CSV file, up to its end before anything is queued.
func readLines(file string) (lines []line, err error) {
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // opened only for reading
	text := bufio.NewReader(f)
	if start, _ := text.Peek(len(byteOrderMark)); string(start) == byteOrderMark { // an error returns on the next read
		_, _ = text.Discard(len(byteOrderMark))
	}
	table, err := csv.NewReader(text).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(table) == 0 || table[0][0] != "ORIGIN_ID" {
		return nil, fmt.Errorf("%s: the first line must name the columns, ORIGIN_ID the first of them", file)
	}
	names := []string{"originId", "originatorId"} // these are the program's
	for n, name := range table[0] {
		if name == "" || slices.Contains(names, name) {
			return nil, fmt.Errorf("%s: column %d: the name %q is empty or stands there twice", file, n+1, name)
		}
		names = append(names, name)
	}
	seen := map[string]bool{}
	for n, cells := range table[1:] {
		l := line{Origin: cells[0], Fields: b24.Params{}}
		if l.Origin == "" || seen[l.Origin] {
			return nil, fmt.Errorf("%s: record %d: the ORIGIN_ID %q is empty or stands there twice", file, n+1, l.Origin)
		}
		seen[l.Origin] = true
		if !utf8.ValidString(strings.Join(cells, "")) {
			return nil, fmt.Errorf(`%s: record %d: the text is not UTF-8: save the file as "CSV UTF-8"`, file, n+1)
		}
		for column, value := range cells[1:] {
			l.Fields[table[0][column+1]] = value
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// queueImport puts the lines of a file into the ledger and queues the job, in one transaction.
func queueImport(ctx context.Context, db *pgxpool.Pool, jobs *river.Client[pgx.Tx], file string) (id, added int64, err error) {
	lines, err := readLines(file)
	if err != nil {
		return 0, 0, err
	}
	fields := make([]b24.Params, len(lines))
	for n, l := range lines {
		fields[n] = l.Fields
	}
	err = pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "insert into imports default values returning id").Scan(&id); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `
			insert into lines (import, origin, line, fields)
			select $1, l.origin, l.line, l.fields from unnest($2::text[], $3::jsonb[]) with ordinality as l (origin, fields, line)
			on conflict (origin) do update set import = excluded.import, line = excluded.line, fields = excluded.fields, state = 'todo'
			where lines.state = 'refused'`, id, origins(lines), fields)
		if err != nil {
			return err
		}
		added = tag.RowsAffected()
		_, err = jobs.InsertTx(ctx, tx, importJob{Import: id}, nil)
		return err
	})
	return id, added, err
}

// writeOrders writes a file with n lines.
func writeOrders(file string, n int) error {
	f, err := os.OpenFile(filepath.Clean(file), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := csv.NewWriter(f)
	err = out.Write([]string{"ORIGIN_ID", "title", "opportunity"})
	for i := range n {
		err = errors.Join(err, out.Write([]string{fmt.Sprint("order-", i+1), fmt.Sprint("Order ", i+1), "10.50"}))
	}
	out.Flush()
	return errors.Join(err, out.Error(), f.Close())
}
