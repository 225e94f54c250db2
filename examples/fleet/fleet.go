package main

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24sql"
)

const (
	// slice is how long a worker has a job at a time. A job without a Timeout, -1, would never be
	// rescued from a worker that was killed.
	slice = 2 * time.Minute
	// timeout is when the context of a job ends: a slice, and the requests that begin in it.
	timeout = slice + time.Minute
	// rescueAfter is when a job is given to another worker. The one before it has ended, and the
	// portal is done with its last request.
	rescueAfter = timeout + settling
	// grace is how long jobs may continue after Ctrl-C.
	grace = 20 * time.Second
)

//go:embed schema.sql
var schemaSQL string

// open connects to the database and creates the tables of this program and of river in a schema.
func open(ctx context.Context, database, schema string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(database)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["search_path"] = schema
	db, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db, schema); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

func migrate(ctx context.Context, db *pgxpool.Pool, schema string) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(db), nil)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, db, func(tx pgx.Tx) error {
		// Workers may start at once. The transaction only keeps the others out: river's
		// migrations do not run in one.
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtext($1))", "fleet "+schema); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "create schema if not exists "+pgx.Identifier{schema}.Sanitize()); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, schemaSQL); err != nil {
			return err
		}
		_, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
}

// budget returns the store of the request budget that all workers share, in the same database.
func budget(ctx context.Context, pool *pgxpool.Pool) (b24.Store, error) {
	db := stdlib.OpenDBFromPool(pool)
	if err := b24sql.Migrate(ctx, db, b24sql.PostgreSQL); err != nil {
		return nil, err
	}
	return b24sql.New(ctx, db, b24sql.PostgreSQL, b24sql.WithVolatile()) // a budget may be forgotten
}

type exportJob struct {
	Export int64 `json:"export"`
}

// Kind implements [river.JobArgs].
func (exportJob) Kind() string { return "export" }

type importJob struct {
	Import int64 `json:"import"`
}

// Kind implements [river.JobArgs].
func (importJob) Kind() string { return "import" }

// newQueue returns a client that works on up to workers jobs at once, until ctx ends.
func newQueue(ctx context.Context, db *pgxpool.Pool, client b24.Client, workers int, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	exporter, importer := &exporter{db: db, client: client}, &importer{db: db, client: client}
	w := worker{stopping: ctx.Done(), log: log}
	jobs := river.NewWorkers()
	river.AddWorker(jobs, river.WorkFunc(func(ctx context.Context, job *river.Job[exportJob]) error {
		return w.work(ctx, job.Kind, job.Args.Export, exporter.run)
	}))
	river.AddWorker(jobs, river.WorkFunc(func(ctx context.Context, job *river.Job[importJob]) error {
		return w.work(ctx, job.Kind, job.Args.Import, importer.run)
	}))
	return river.NewClient(riverpgxv5.New(db), &river.Config{
		Queues:               map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}},
		Workers:              jobs,
		JobTimeout:           timeout,
		RescueStuckJobsAfter: rescueAfter,
		SoftStopTimeout:      grace,
		Logger:               log,
	})
}

// worker works on jobs for a while each.
type worker struct {
	stopping <-chan struct{} // closed by Ctrl-C
	log      *slog.Logger
}

// work runs a job until it is done, or for one slice, and tells the queue how to continue.
func (w worker) work(ctx context.Context, kind string, id int64, run func(ctx context.Context, id int64, over func() bool) error) error {
	end := time.Now().Add(slice)
	err := run(ctx, id, func() bool { return w.stopped() || time.Now().After(end) })
	var later waitError
	switch {
	case err == nil:
		w.log.InfoContext(ctx, "done", slog.String("job", kind), slog.Int64("id", id))
		return nil
	case errors.Is(err, errOver), w.stopped() && ctx.Err() != nil:
		return river.JobSnooze(0)
	case errors.As(err, &later):
		return river.JobSnooze(later.wait)
	case errors.Is(err, errTaken):
		// What river stores now is the state of the job of the other worker. Any error would begin
		// the job once more beside it; in this time its slice ends.
		return river.JobSnooze(timeout)
	default:
		return err
	}
}

func (w worker) stopped() bool {
	select {
	case <-w.stopping:
		return true
	default:
		return false
	}
}
