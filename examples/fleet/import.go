package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/b24go/b24"
)

const (
	// originator names this program in the records that it creates.
	originator = "fleet"
	// blockSize is the number of lines that are sent at once: a batch.
	blockSize = 50
	// settling is how long a portal may still execute a request whose answer nobody waits for.
	settling = time.Minute
)

// importer creates a deal for each line of the ledger.
type importer struct {
	db     *pgxpool.Pool
	client b24.Client
}

// line is a line of the ledger.
type line struct {
	Origin string
	Fields b24.Params
}

// outcome is what becomes of a line.
type outcome struct{ state, record, reason string }

// waitError asks to continue the job after a while.
type waitError struct{ wait time.Duration }

func (e waitError) Error() string {
	return fmt.Sprintf("lines of unknown outcome settle in %v", e.wait)
}

// run continues an import until no line is open or the slice ends.
func (i *importer) run(ctx context.Context, id int64, over func() bool) error {
	run, err := i.begin(ctx, id)
	if err != nil {
		return err
	}
	for !over() {
		lines, err := i.claim(ctx, id, run)
		switch {
		case err != nil:
			return err
		case len(lines) > 0:
			err = i.send(ctx, run, lines)
		default:
			var unknown []string
			if unknown, err = i.settled(ctx, id); len(unknown) == 0 {
				return err
			}
			err = i.lookUp(ctx, run, unknown)
		}
		if err != nil {
			return err
		}
	}
	return errOver
}

// begin takes the import over. A worker before this one may have died: nobody knows whether what it
// sent was executed.
func (i *importer) begin(ctx context.Context, id int64) (run int64, err error) {
	err = pgx.BeginFunc(ctx, i.db, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "update imports set run = run + 1 where id = $1 returning run", id).Scan(&run); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			update lines set state = 'unknown', run = $2,
				reason = case state when 'sent' then 'the worker ended before the answer came' else reason end
			where import = $1 and state in ('sent', 'unknown')`, id, run)
		return err
	})
	return run, err
}

// claim marks the next lines as sent. It is committed before anything goes out.
func (i *importer) claim(ctx context.Context, id, run int64) (lines []line, err error) {
	err = pgx.BeginFunc(ctx, i.db, func(tx pgx.Tx) error {
		if err := mine(ctx, tx, id, run); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `
			with sent as (
				update lines set state = 'sent', run = $2, sent_at = now(), reason = '' where origin in (
					select origin from lines where import = $1 and state = 'todo' order by line limit $3)
				returning origin, fields, line)
			select origin, fields from sent order by line`, id, run, blockSize)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[line])
		return err
	})
	return lines, err
}

// mine keeps a worker out that was taken for dead. Nobody else can take the import over until tx ends.
func mine(ctx context.Context, tx pgx.Tx, id, run int64) error {
	var now int64
	if err := tx.QueryRow(ctx, "select run from imports where id = $1 for share", id).Scan(&now); err != nil {
		return err
	}
	if now != run {
		return errTaken
	}
	return nil
}

// created is the answer of crm.item.add.
type created struct {
	ID b24.ID `json:"id"`
}

// send creates the records of the lines, and stores what became of each.
func (i *importer) send(ctx context.Context, run int64, lines []line) (err error) {
	outcomes := make([]outcome, len(lines)) // a line without a reply was not sent
	for n := range outcomes {
		outcomes[n].state = "todo"
	}
	n, unknown := 0, 0
	for _, reply := range b24.Each[created](ctx, i.client, slices.Values(lines), line.command,
		b24.WithResultKey("item"), b24.WithPriority(b24.PriorityBackground)) {
		outcomes[n] = outcomeOf(reply)
		switch outcomes[n].state {
		case "todo":
			err = reply.Err // the next line would fare no better
		case "unknown":
			if unknown++; unknown == len(lines) {
				err = reply.Err
			}
		}
		n++
	}
	// What the portal has done is stored even if the job is stopped now.
	saving, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, i.save(saving, run, origins(lines), outcomes))
}

func (l line) command() b24.Command {
	fields := b24.Params{"originatorId": originator, "originId": l.Origin}
	maps.Copy(fields, l.Fields)
	return b24.Command{Method: "crm.item.add", Params: b24.Params{"entityTypeId": dealType, "fields": fields}}
}

func origins(lines []line) []string {
	list := make([]string, len(lines))
	for n, l := range lines {
		list[n] = l.Origin
	}
	return list
}

func outcomeOf(r b24.Reply[created]) outcome {
	switch err := r.Err; {
	case err == nil:
		return outcome{state: "done", record: r.Value.ID.String()}
	case b24.MayHaveExecuted(err):
		return outcome{state: "unknown", reason: err.Error()}
	case errors.Is(err, b24.ErrInvalidParams): // it cannot be sent at all
		return outcome{state: "refused", reason: err.Error()}
	case b24.OutcomeOf(err) == b24.OutcomeNotSent, refusesAll(err):
		return outcome{state: "todo", reason: err.Error()}
	default:
		return outcome{state: "refused", reason: err.Error()}
	}
}

// refusesAll reports whether the portal would refuse every line, not only this one.
func refusesAll(err error) bool {
	return slices.ContainsFunc([]error{
		b24.ErrQueryLimitExceeded, b24.ErrOperationTimeLimit, b24.ErrOverloadLimit,
		b24.ErrNoAuthFound, b24.ErrInvalidCredentials, b24.ErrExpiredToken, b24.ErrAuthorization, b24.ErrInsufficientScope,
		b24.ErrMethodNotFound, b24.ErrPaymentRequired, b24.ErrPortalDeleted,
	}, func(code error) bool { return errors.Is(err, code) })
}

// save stores outcomes, but for lines that another worker has decided on since.
func (i *importer) save(ctx context.Context, run int64, origins []string, outcomes []outcome) error {
	states, records, reasons := make([]string, len(outcomes)), make([]string, len(outcomes)), make([]string, len(outcomes))
	for n, o := range outcomes {
		states[n], records[n], reasons[n] = o.state, o.record, o.reason
	}
	_, err := i.db.Exec(ctx, `
		update lines set state = o.state, record = o.record, reason = o.reason, sent_at = now()
		from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as o (origin, state, record, reason)
		where lines.origin = o.origin and lines.run = $1 and lines.state in ('sent', 'unknown')`,
		run, origins, states, records, reasons)
	return err
}

// settled returns lines of unknown outcome that the portal does not execute any more. If there are
// only younger ones, the error is a [waitError].
func (i *importer) settled(ctx context.Context, id int64) ([]string, error) {
	rows, err := i.db.Query(ctx, `select origin from lines
		where import = $1 and state = 'unknown' and sent_at <= now() - $2::interval order by line limit $3`, id, settling, blockSize)
	if err != nil {
		return nil, err
	}
	unknown, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(unknown) > 0 {
		return unknown, err
	}
	var wait *time.Duration // nil: there is none
	err = i.db.QueryRow(ctx, "select min(sent_at) + $2::interval - now() from lines where import = $1 and state = 'unknown'", id, settling).Scan(&wait)
	if err == nil && wait != nil {
		err = waitError{wait: max(*wait, 0)}
	}
	return nil, err
}

// lookUp asks the portal for the records of lines. A line without a record is sent again.
func (i *importer) lookUp(ctx context.Context, run int64, unknown []string) error {
	type record struct {
		ID     b24.ID `json:"id"`
		Origin string `json:"originId"`
	}
	found := map[string]b24.ID{}
	for r, err := range b24.List[record](ctx, i.client, "crm.item.list", b24.Params{
		"entityTypeId": dealType,
		"select":       []string{"id", "originId"},
		"filter":       b24.Params{"=originatorId": originator, "@originId": unknown},
	}, b24.WithPriority(b24.PriorityBackground)) {
		if err != nil {
			return err
		}
		found[r.Origin] = r.ID
	}
	outcomes := make([]outcome, len(unknown))
	for n, origin := range unknown {
		outcomes[n] = outcome{state: "todo"}
		if id, ok := found[origin]; ok { // compared here: the portal ignores letter case
			outcomes[n] = outcome{state: "done", record: id.String()}
		}
	}
	return i.save(ctx, run, unknown, outcomes)
}
