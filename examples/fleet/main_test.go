package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

const server = "postgres://postgres@127.0.0.1:5432/postgres?connect_timeout=2"

// asProgram makes the test binary the program itself: a worker that can be killed.
const asProgram = "B24_FLEET_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// newSchema returns the name of a schema of its own, which is dropped at the end. Without a server
// the test is skipped, or fails if the environment variable B24_ENGINES is "required".
func newSchema(t *testing.T) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server)
	if err != nil {
		require.NotEqual(t, "required", os.Getenv("B24_ENGINES"), "no PostgreSQL: %v", err)
		t.Skipf("without PostgreSQL: %v", err)
	}
	schema := "fleet_test_" + strings.ToLower(rand.Text()) // names of channels are made of it: at most 46 letters
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_, err := conn.Exec(ctx, "drop schema if exists "+schema+" cascade")
		assert.NoError(t, err)
		assert.NoError(t, conn.Close(ctx))
	})
	return schema
}

// site is a portal, a schema, and workers on both.
type site struct {
	t      *testing.T
	schema string
	db     *pgxpool.Pool
	portal *b24test.Portal
	hook   *b24.Hook
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, schema: newSchema(t)}
	db, err := open(t.Context(), server, s.schema)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s.db, s.portal = db, b24test.NewPortal(t) // on a TCP port of loopback
	s.hook, err = b24.FromWebhookURL(s.portal.WebhookURL())
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.hook.Close() })
	return s
}

// process is a worker of its own.
type process struct {
	*exec.Cmd
	ended chan struct{}
	out   strings.Builder // after ended
}

// work starts a worker.
func (s *site) work() *process {
	s.t.Helper()
	p := &process{Cmd: exec.CommandContext(s.t.Context(), os.Args[0], "-database", server, "-schema", s.schema), ended: make(chan struct{})}
	p.Env = append(os.Environ(), asProgram+"=1", "B24_WEBHOOK_URL="+s.portal.WebhookURL())
	p.Stdout, p.Stderr = &p.out, &p.out
	require.NoError(s.t, p.Start())
	go func() {
		defer close(p.ended)
		_ = p.Wait() // killed
	}()
	s.t.Cleanup(p.kill)
	return p
}

// kill kills the process as kill -9 does, and returns when it is dead.
func (p *process) kill() {
	_ = p.Process.Kill() // it may have ended
	<-p.ended
}

// until waits for a condition in the database.
func (s *site) until(query string, args ...any) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return ask[bool](s, query, args...) }, time.Minute, 10*time.Millisecond, query)
}

func ask[T any](s *site, query string, args ...any) (v T) {
	s.t.Helper()
	assert.NoError(s.t, s.db.QueryRow(s.t.Context(), query, args...).Scan(&v), query)
	return v
}

func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	_, err := s.db.Exec(s.t.Context(), query, args...)
	require.NoError(s.t, err, query)
}

// timePasses makes the database take a killed worker for an hour old.
func (s *site) timePasses() {
	s.t.Helper()
	s.exec("update river_job set attempted_at = attempted_at - interval '1 hour' where state = 'running'")
	s.exec("delete from river_leader")
	s.exec("update lines set sent_at = sent_at - interval '1 hour'")
}

// queue runs the program with flags that queue jobs.
func (s *site) queue(args ...string) string {
	s.t.Helper()
	var out strings.Builder
	require.NoError(s.t, run(s.t.Context(), &out, append([]string{"-database", server, "-schema", s.schema}, args...), ""))
	return out.String()
}

// orders queues an import of n lines.
func (s *site) orders(n int) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "orders.csv")
	require.NoError(s.t, writeOrders(file, n))
	require.Equal(s.t, fmt.Sprintf("import 1 is queued: %d lines\n", n), s.queue("-import", file))
}

// assertOnce asserts that each line is done, by the one record that the portal has of it.
func (s *site) assertOnce(n int) {
	s.t.Helper()
	assert.Equal(s.t, n, ask[int](s, "select count(*) from lines where state = 'done'"))
	records := map[string]string{}
	rows := s.portal.Rows("crm.deal")
	for _, row := range rows {
		records[fmt.Sprint(row["ORIGIN_ID"])] = fmt.Sprint(row["ID"])
	}
	assert.Len(s.t, rows, n)
	assert.Len(s.t, records, n)
	for origin, id := range records {
		assert.Equal(s.t, id, ask[string](s, "select record from lines where origin = $1", origin))
	}
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	newSchema(t) // is there a server?
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"-database", server}, ""))
	assert.Equal(t, "export 1 is queued\nimport 1 is queued: 120 lines\n1000 rows read, 1000 deals stored\n120 of 120 lines imported\n", out.String())
}

const halfway = 1310

// A worker is killed in the middle of the transaction of a page.
func TestAnotherWorkerContinuesAnExport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.portal.SeedN("crm.deal", 3000, func(i int) b24.Params { return b24.Params{"ID": i + 1} })
	s.exec(fmt.Sprintf(`create function wait() returns trigger language plpgsql as
		$$ begin if new.id = %d then perform pg_advisory_xact_lock(%d); end if; return new; end $$`, halfway, os.Getpid()))
	s.exec("create trigger wait before insert on deals for each row execute function wait()")
	lock, err := pgx.Connect(t.Context(), server)
	require.NoError(t, err)
	defer lock.Close(context.WithoutCancel(t.Context()))
	_, err = lock.Exec(t.Context(), "select pg_advisory_lock($1)", os.Getpid())
	require.NoError(t, err)
	require.Equal(t, "export 1 is queued\n", s.queue("-export"))

	worker := s.work()
	s.until("select exists (select from pg_locks where locktype = 'advisory' and objid = $1 and not granted)", os.Getpid())
	worker.kill()
	require.NoError(t, lock.Close(t.Context()))
	s.until("select not exists (select from pg_locks where locktype = 'advisory' and objid = $1)", os.Getpid())

	stored := ask[int](s, "select rows from exports")
	assert.Equal(t, halfway/50*50, stored)
	assert.Equal(t, stored, ask[int](s, "select count(*) from deals"))
	s.timePasses()
	worker = s.work()
	s.until("select state = 'completed' from river_job")
	assert.Equal(t, 3000, ask[int](s, "select rows from exports"))
	assert.Equal(t, 3000, ask[int](s, "select count(*) from deals where (row->>'id')::bigint = id"))
	stop(t, worker)
	assert.Contains(t, worker.out.String(), "done job=export id=1")
}

// stop ends a worker in good order.
func stop(t *testing.T, p *process) {
	t.Helper()
	require.NoError(t, p.Process.Signal(syscall.SIGTERM))
	<-p.ended
	assert.True(t, p.ProcessState.Success(), p.out.String())
}

// A worker is killed while the portal executes its third batch.
func TestAnotherWorkerContinuesAnImport(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(320)
	started := make(chan *process, 1)
	var mu sync.Mutex
	added := 0
	s.portal.OnRequest(func(req b24test.Request) {
		mu.Lock()
		defer mu.Unlock()
		if req.Method != "crm.item.add" {
			return
		}
		if added++; added == 130 {
			(<-started).kill()
		}
	})

	worker := s.work()
	started <- worker
	<-worker.ended

	require.Equal(t, 100, ask[int](s, "select count(*) from lines where state = 'done'"))
	require.Equal(t, 50, ask[int](s, "select count(*) from lines where state = 'sent'"))
	s.timePasses()
	worker = s.work()
	s.until("select state = 'completed' from river_job")
	s.assertOnce(320)
	stop(t, worker)
}

// Ctrl-C: what was sent is answered, and the job is there at once for another worker.
func TestAWorkerStopsInGoodOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(320)
	started := make(chan *process, 1)
	var once sync.Once
	s.portal.OnRequest(func(req b24test.Request) {
		if req.Method == "crm.item.add" && req.Command == "30" {
			once.Do(func() { assert.NoError(t, (<-started).Process.Signal(syscall.SIGTERM)) })
		}
	})

	worker := s.work()
	started <- worker
	<-worker.ended

	assert.True(t, worker.ProcessState.Success(), worker.out.String())
	assert.Zero(t, ask[int](s, "select count(*) from lines where state in ('sent', 'unknown')"))
	assert.Positive(t, ask[int](s, "select count(*) from lines where state = 'todo'"))
	assert.Equal(t, "available", ask[string](s, "select state from river_job"))
	worker = s.work()
	s.until("select state = 'completed' from river_job")
	s.assertOnce(320)
	stop(t, worker)
}

func never() bool { return false }

// An answer that was lost is waited out, and then looked for.
func TestALostAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(120)
	i := &importer{db: s.db, client: s.hook}
	s.portal.Fault("batch", b24test.ResetAfter())
	require.Error(t, i.run(t.Context(), 1, never)) // a whole block: the portal may be broken

	var later waitError
	require.ErrorAs(t, i.run(t.Context(), 1, never), &later)
	assert.InDelta(t, settling, later.wait, float64(20*time.Second))
	assert.Equal(t, 70, ask[int](s, "select count(*) from lines where state = 'done'"))
	assert.Equal(t, 50, ask[int](s, "select count(*) from lines where state = 'unknown'"))
	assert.Zero(t, s.portal.Calls("crm.item.list"))

	s.timePasses()
	require.NoError(t, i.run(t.Context(), 1, never))
	s.assertOnce(120)
	assert.Equal(t, 120, s.portal.Executed("crm.item.add"))
}

// The portal ends a batch in its middle: the lines behind it are sent again, those before are not.
func TestABatchThatEndsInItsMiddle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(50)
	i := &importer{db: s.db, client: s.hook}
	for range 20 {
		s.portal.Fault("crm.item.add", b24test.Pass())
	}
	s.portal.Fault("crm.item.add", b24test.ResetBefore())
	require.Error(t, i.run(t.Context(), 1, never))
	require.Len(t, s.portal.Rows("crm.deal"), 20)

	s.timePasses()
	require.NoError(t, i.run(t.Context(), 1, never))
	s.assertOnce(50)
	assert.Equal(t, 50, s.portal.Executed("crm.item.add"))
}

// A portal that refuses one line gets the others; the line may be imported again.
func TestARefusedLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(3)
	i := &importer{db: s.db, client: s.hook}
	s.portal.Fault("crm.item.add", b24test.Pass(), b24test.Refuse(&b24.Error{Code: "BAD", Description: "no such stage", Status: http.StatusBadRequest}))
	require.NoError(t, i.run(t.Context(), 1, never))
	assert.Contains(t, ask[string](s, "select reason from lines where origin = 'order-2' and state = 'refused'"), "no such stage")
	assert.Len(t, s.portal.Rows("crm.deal"), 2)

	file := filepath.Join(t.TempDir(), "again.csv")
	require.NoError(t, writeOrders(file, 3))
	assert.Equal(t, "import 2 is queued: 1 lines\n", s.queue("-import", file))
	require.NoError(t, i.run(t.Context(), 2, never))
	s.assertOnce(3)
}

// A portal that refuses everything is no reason to write off the file.
func TestAPortalThatRefusesAll(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(3)
	i := &importer{db: s.db, client: s.hook}
	s.portal.Fault("batch", b24test.Refuse(&b24.Error{Code: b24.ErrExpiredToken, Status: http.StatusUnauthorized}))
	require.ErrorIs(t, i.run(t.Context(), 1, never), b24.ErrExpiredToken)
	assert.Equal(t, 3, ask[int](s, "select count(*) from lines where state = 'todo'"))
	require.NoError(t, i.run(t.Context(), 1, never))
	s.assertOnce(3)
}

// A worker that was taken for dead, and is not, stores no row and sends no line.
func TestAWorkerThatWasTakenForDead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.orders(60)
	s.queue("-export")
	i := &importer{db: s.db, client: s.hook}
	old, err := i.begin(t.Context(), 1)
	require.NoError(t, err)
	lines, err := i.claim(t.Context(), 1, old)
	require.NoError(t, err)
	run, err := i.begin(t.Context(), 1)
	require.NoError(t, err)

	_, err = i.claim(t.Context(), 1, old)
	require.ErrorIs(t, err, errTaken)
	require.NoError(t, i.save(t.Context(), old, origins(lines), make([]outcome, len(lines)))) // would break the check of the table
	rest, err := i.claim(t.Context(), 1, run)
	require.NoError(t, err)
	assert.Len(t, rest, 10)

	e := &exporter{db: s.db, client: s.hook}
	page := b24.Page{Rows: []json.RawMessage{json.RawMessage(`{"id":7}`)}, Cursor: "one"}
	require.NoError(t, e.store(t.Context(), 1, "", page))
	page.Cursor = "two"
	require.ErrorIs(t, e.store(t.Context(), 1, "", page), errTaken)
	page.Rows = append(page.Rows, json.RawMessage(`{"ID":8}`)) // no id: the database refuses it
	require.Error(t, e.store(t.Context(), 1, "one", page))
	assert.Equal(t, "one 1", ask[string](s, "select cursor || ' ' || rows from exports"))
}

// What the queue is told.
func TestSlices(t *testing.T) {
	t.Parallel()
	w := worker{log: slog.New(slog.DiscardHandler)}
	for err, want := range map[error]time.Duration{errOver: 0, errTaken: timeout, waitError{time.Second}: time.Second} {
		got := w.work(t.Context(), "test", 1, func(context.Context, int64, func() bool) error { return err })
		var snooze *river.JobSnoozeError
		require.ErrorAs(t, got, &snooze)
		assert.Equal(t, want, snooze.Duration)
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"what is":              {"-database", server, "more"},
		"-database is missing": {"-export"},
		"not defined":          {"-from", "now"},
		"cannot parse":         {"-database", "postgres://127.0.0.1:x/"},
	} {
		require.ErrorContains(t, run(t.Context(), &strings.Builder{}, args, "https://example.com/"), want)
	}
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, ""))
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                "must name the columns",
		"title,ORIGIN_ID\nA,1\n":          "ORIGIN_ID the first of them",
		"ORIGIN_ID,title\n1,A\n1,B\n":     `record 2: the ORIGIN_ID "1" is empty or stands there twice`,
		"ORIGIN_ID,title\n,A\n":           `record 1: the ORIGIN_ID "" is empty`,
		"ORIGIN_ID,title\n1\n":            "wrong number of fields",
		"ORIGIN_ID,title\n1,\"\xc4\"\n":   "not UTF-8",
		"ORIGIN_ID,title,title\n1,A,B\n":  `the name "title" is empty or stands there twice`,
		"\uFEFFORIGIN_ID,originId\n1,2\n": `the name "originId" is empty or stands there twice`,
	} {
		file := filepath.Join(t.TempDir(), "orders.csv")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := readLines(file)
		assert.ErrorContains(t, err, want)
	}
}

func TestTheWebhookFromAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "webhook")
	_, err := webhook("", file)
	require.Error(t, err)
	require.NoError(t, os.WriteFile(file, []byte("\n"), 0o600))
	_, err = webhook("", file)
	require.ErrorContains(t, err, "is empty")
	require.NoError(t, os.WriteFile(file, []byte("https://example.com/rest/1/s/\n"), 0o600))
	address, err := webhook("", file)
	require.NoError(t, err)
	assert.Equal(t, "https://example.com/rest/1/s/", address)
	require.NoError(t, os.Chmod(file, 0o644))
	_, err = webhook("", file)
	require.ErrorContains(t, err, "chmod 600")
}
