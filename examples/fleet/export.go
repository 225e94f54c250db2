package main

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/b24go/b24"
)

// dealType is the entityTypeId of deals.
const dealType = 2

var (
	// errOver ends a slice of a job in good order: any worker continues.
	errOver = errors.New("the slice is over")
	// errTaken: another worker has the job, because this one was taken for dead.
	errTaken = errors.New("another worker has this job")
)

// exporter reads all deals into a table.
type exporter struct {
	db     *pgxpool.Pool
	client b24.Client
}

// run continues an export after the rows that are stored, until the list ends or the slice does.
func (e *exporter) run(ctx context.Context, id int64, over func() bool) error {
	var place b24.Cursor
	if err := e.db.QueryRow(ctx, "select cursor from exports where id = $1", id).Scan(&place); err != nil {
		return err
	}
	params := b24.Params{"entityTypeId": dealType}
	for page, err := range b24.Pages(ctx, e.client, "crm.item.list", params, b24.WithResume(place), b24.WithPriority(b24.PriorityBackground)) {
		if err != nil {
			return err
		}
		if err := e.store(ctx, id, place, page); err != nil {
			return err
		}
		place = page.Cursor
		if over() {
			return errOver
		}
	}
	return nil
}

// store stores the rows of a page and the place after them in one transaction, if the place before
// them is still the one in the table: of two workers that read the same page one stores it.
func (e *exporter) store(ctx context.Context, id int64, before b24.Cursor, page b24.Page) error {
	return pgx.BeginFunc(ctx, e.db, func(tx pgx.Tx) error {
		moved, err := tx.Exec(ctx, "update exports set cursor = $3, rows = rows + $4 where id = $1 and cursor = $2",
			id, before, page.Cursor, len(page.Rows))
		if err != nil {
			return err
		}
		if moved.RowsAffected() == 0 {
			return errTaken
		}
		_, err = tx.Exec(ctx, `
			insert into deals (id, export, row)
			select (row->>'id')::bigint, $1, row from unnest($2::jsonb[]) as row
			on conflict (id) do update set export = excluded.export, row = excluded.row`, id, page.Rows)
		return err
	})
}
