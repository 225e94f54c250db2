package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/examples/bulk/internal/statefile"
)

// desk counts the updates of each deal that a portal executed.
type desk struct {
	mu     sync.Mutex
	done   map[string]int
	n      int
	at     int    // the update at which on is called
	on     func() // under the lock
	closed bool   // nothing is executed any more
	slow   string // the deal whose update takes long
}

func newDesk(t *testing.T, opts ...b24test.Option) (*b24test.Portal, *desk) {
	t.Helper()
	d := &desk{done: map[string]int{}, on: func() {}}
	portal := b24test.NewPortal(t, opts...)
	portal.Handle("crm.deal.update", d.update)
	return portal, d
}

func (d *desk) update(req b24test.Request) (any, error) {
	id := fmt.Sprint(req.Params["id"])
	if id == d.slow {
		time.Sleep(5 * time.Second)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return true, nil
	}
	d.done[id]++
	if d.n++; d.n == d.at {
		d.on()
	}
	return true, nil
}

// assertOnce asserts that the deals 1 to n were updated once each, but for those in
// maybe, which may not have been.
func (d *desk) assertOnce(t *testing.T, n int, maybe ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	assert.LessOrEqual(t, len(d.done), n)
	var wrong []string
	for i := range n {
		id := strconv.Itoa(i + 1)
		if times := d.done[id]; times > 1 || times == 0 && !slices.Contains(maybe, id) {
			wrong = append(wrong, fmt.Sprintf("deal %s: %d times", id, times))
		}
	}
	assert.Empty(t, wrong)
}

// killedAt copies the file, and what the program keeps beside it, as they are at an
// update: a program that is killed there leaves them so.
func (d *desk) killedAt(t *testing.T, update int, file string) (copied string) {
	t.Helper()
	copied = filepath.Join(t.TempDir(), "deals.csv")
	d.at, d.on = update, func() {
		for _, end := range []string{"", ".state", ".report.csv"} {
			text, err := os.ReadFile(file + end)
			assert.NoError(t, err)
			assert.NoError(t, os.WriteFile(copied+end, text, 0o600))
		}
		d.closed = true
	}
	return copied
}

// unknownOf returns the ids in the report, all of an unknown outcome.
func unknownOf(t *testing.T, file string) []string {
	t.Helper()
	var ids []string
	for _, line := range reported(t, file) {
		assert.Equal(t, "unknown", line[2])
		ids = append(ids, line[1])
	}
	return ids
}

// deals makes a file with n updates.
func deals(t *testing.T, n int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "deals.csv")
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-file", file, "-generate", strconv.Itoa(n)}, ""))
	return file
}

// reported returns the lines of the report.
func reported(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file + ".report.csv")
	require.NoError(t, err)
	defer f.Close()
	list, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	return list
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder

	err := run(t.Context(), &out, nil, "")

	require.NoError(t, err)
	assert.Contains(t, out.String(), "\n500 of 5000 lines\n")
	assert.True(t, strings.HasSuffix(out.String(), "\n5000 of 5000 lines: 5000 updated, 0 failed, 0 unknown\n"), out.String())
}

func TestRunWritesTheFieldsOnceAndNoMore(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"ID": i + 1, "STAGE_ID": "NEW"} })
	file := deals(t, 120)
	for range 2 {
		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, []string{"-file", file}, portal.WebhookURL()))
		assert.Contains(t, out.String(), "120 of 120 lines: 120 updated, 0 failed, 0 unknown\n")
	}

	assert.Equal(t, 120, portal.Executed("crm.deal.update"))
	assert.Equal(t, "Order 120", portal.Rows("crm.deal")[119]["TITLE"])
	assert.Equal(t, "WON", portal.Rows("crm.deal")[119]["STAGE_ID"])
}

func TestRunReportsFailuresByLine(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"ID": i + 1} })
	file := deals(t, 123)
	var out strings.Builder

	err := run(t.Context(), &out, []string{"-file", file}, portal.WebhookURL())

	require.ErrorContains(t, err, "3 lines were not updated, see "+file+".report.csv")
	assert.Contains(t, out.String(), "123 of 123 lines: 120 updated, 3 failed, 0 unknown\n")
	list := reported(t, file)
	require.Len(t, list, 3)
	assert.Equal(t, []string{"122", "121", "failed"}, list[0][:3]) // line 1 has the columns
	assert.Contains(t, list[0][3], "Not found")
}

// mostSent is how many lines can be under way, or done and not noted: four batches for
// each of the two at once, as StreamBatch says.
const mostSent = 4 * 2 * blockSize

// Killed at any moment: what was under way is reported, and nothing is done twice.
func TestRunKilled(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 50, 333, 1000} {
		portal, d := newDesk(t)
		file := deals(t, 1000)
		copied := d.killedAt(t, at, file)
		_ = run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())
		d.closed = false

		err := run(t.Context(), &strings.Builder{}, []string{"-file", copied}, portal.WebhookURL())

		require.ErrorContains(t, err, "lines were not updated")
		maybe := unknownOf(t, copied)
		assert.NotEmpty(t, maybe)
		assert.LessOrEqual(t, len(maybe), mostSent)
		d.assertOnce(t, 1000, maybe...)
	}
}

// The first batch takes long, and all others that may go beside it are done.
func TestRunKilledAtItsWorst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal, d := newDesk(t, b24test.WithMemory())
		d.slow = "1"
		hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
		require.NoError(t, err)
		defer hook.Close()
		file := deals(t, 1000)
		copied := d.killedAt(t, mostSent-blockSize, file)
		s := settings{file: file, method: "crm.deal.update", concurrency: 2}
		_ = update(t.Context(), &strings.Builder{}, s, hook, "slow")
		d.closed = false

		s.file = copied
		err = update(t.Context(), &strings.Builder{}, s, hook, "slow")

		require.ErrorContains(t, err, "lines were not updated")
		maybe := unknownOf(t, copied)
		assert.Len(t, maybe, mostSent)
		d.assertOnce(t, 1000, maybe...)
	})
}

// Ctrl-C lets batches under way end: nothing is unknown.
func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	portal, d := newDesk(t)
	file := deals(t, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	d.at, d.on = 420, cancel

	err := run(ctx, &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())
	require.ErrorIs(t, err, context.Canceled)
	assert.Less(t, len(d.done), 1000)

	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"-file", file}, portal.WebhookURL()))
	assert.Contains(t, out.String(), "1000 of 1000 lines: 1000 updated, 0 failed, 0 unknown\n")
	d.assertOnce(t, 1000)
}

// At a slow portal batches are smaller than the blocks that the state takes at once: what
// was not sent of a block when patience ended is no line of unknown outcome.
func TestRunInterruptedAtASlowPortal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		portal, d := newDesk(t, b24test.WithMemory())
		portal.Fault("crm.deal.update", b24test.Delay(900*time.Millisecond).Always())
		hook, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()))
		require.NoError(t, err)
		defer hook.Close()
		file := deals(t, 150)
		s := settings{file: file, method: "crm.deal.update", concurrency: 1}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(46*time.Second, cancel) // in the second batch, which has 25

		err = update(ctx, &strings.Builder{}, s, hook, "slow")
		require.ErrorContains(t, err, "stopped, the same command goes on")
		require.Len(t, reported(t, file), 25)

		time.Sleep(time.Minute)
		err = update(t.Context(), &strings.Builder{}, s, hook, "slow")
		require.ErrorContains(t, err, "25 lines were not updated")
		var maybe []string
		for _, line := range reported(t, file) {
			maybe = append(maybe, line[1])
		}
		assert.Len(t, maybe, 25)
		d.assertOnce(t, 150, maybe...)
	})
}

func TestRunWithALostAnswer(t *testing.T) {
	t.Parallel()
	portal, d := newDesk(t)
	portal.Fault("batch", b24test.Pass(), b24test.ResetAfter())
	file := deals(t, 500)
	var out strings.Builder

	err := run(t.Context(), &out, []string{"-file", file, "-concurrency", "1"}, portal.WebhookURL())

	require.ErrorContains(t, err, "50 lines were not updated")
	assert.Contains(t, out.String(), "500 of 500 lines: 450 updated, 0 failed, 50 unknown\n")
	list := reported(t, file)
	require.Len(t, list, 50)
	assert.Equal(t, []string{"52", "51", "unknown"}, list[0][:3])
	d.assertOnce(t, 500)
}

// A portal that refuses all is no reason to write off the rest of the file.
func TestRunStopsWhereAllIsRefused(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"busy":         b24test.OverloadLimit(),
		"other secret": b24test.Refuse(&b24.Error{Code: b24.ErrInvalidCredentials, Description: "no", Status: http.StatusUnauthorized}),
	} {
		portal, d := newDesk(t)
		portal.Fault("batch", b24test.Pass(), fault)
		file := deals(t, 500)
		args := []string{"-file", file, "-concurrency", "3"}

		err := run(t.Context(), &strings.Builder{}, args, portal.WebhookURL())
		require.ErrorContains(t, err, "stopped, the same command goes on", name)
		assert.Empty(t, reported(t, file))
		assert.Less(t, len(d.done), 500)

		require.NoError(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()))
		d.assertOnce(t, 500)
	}
}

// A portal that breaks down each time is not sent the whole file.
func TestRunStopsWhereAllIsLost(t *testing.T) {
	t.Parallel()
	portal, _ := newDesk(t)
	for range 100 {
		portal.Fault("batch", b24test.ResetAfter())
	}
	file := deals(t, 1000)

	err := run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())

	require.ErrorContains(t, err, "stopped, the same command goes on")
	assert.True(t, b24.MayHaveExecuted(err))
	assert.Less(t, len(reported(t, file)), 500)
}

func TestRunBadInput(t *testing.T) {
	t.Parallel()
	portal, d := newDesk(t)
	for text, want := range map[string]string{
		"":                                "must name the columns",
		"TITLE,ID\n":                      "must name the columns",
		"ID,TITLE\n1,one\n2,two\nx,bad\n": `line 4: "x" is no id`,
		"ID,TITLE\n1,one\n2\n":            "wrong number of fields",
		"ID|TITLE\n1|one\n":               "commas, semicolons or tabs",
		"ID;TITLE\n1;one\n2,two\n":        "record on line 3: wrong number of fields",
		"ID,TITLE,\n1,one,\n":             `line 1: column 3: the name "" is empty`,
		"ID,TITLE,TITLE\n1,one,two\n":     `column 3: the name "TITLE" is empty or stands there twice`,
		"ID,TITLE\n1,\"a\nb\"\nx,bad\n":   `line 4: "x" is no id`,
		"ID,TITLE\n1,\"a\n\xc4\"\n":       `line 2: TITLE: the text is not UTF-8: save the file as "CSV UTF-8"`,
		"\xff\xfeI\x00D\x00":              "line 1: the text is not UTF-8",
	} {
		file := filepath.Join(t.TempDir(), "deals.csv")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		err := run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())
		assert.ErrorContains(t, err, want)
	}
	assert.Empty(t, d.done)
}

// The files of Excel and of Windows, and the lines that an editor counts in them.
func TestRunReadsTheFilesOfExcel(t *testing.T) {
	t.Parallel()
	const plain = "ID,TITLE,COMMENTS\n1,\"a, b; c\",\"two\nlines\"\n\n99,none,\n2,d,\n98,none,\n"
	semicolons := strings.NewReplacer(", b; c", ", b; c", ",", ";").Replace(plain) // not in the cell
	for name, text := range map[string]string{
		"plain":           plain,
		"byte order mark": "\uFEFF" + plain,
		"semicolons":      semicolons,
		"both":            "\uFEFF" + semicolons,
		"tabs":            strings.NewReplacer("; c", "; c", ";", "\t").Replace(semicolons),
		"Windows":         strings.ReplaceAll("\uFEFF"+semicolons, "\n", "\r\n"),
		"all quoted":      strings.Replace("\uFEFF"+semicolons, "ID;TITLE;COMMENTS", `"ID";"TITLE";"COMMENTS"`, 1),
	} {
		portal := b24test.NewPortal(t)
		portal.Seed("crm.deal", b24.Params{"ID": 1}, b24.Params{"ID": 2})
		file := filepath.Join(t.TempDir(), "deals.csv")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))

		err := run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())

		require.ErrorContains(t, err, "2 lines were not updated", name)
		list := reported(t, file)
		assert.Equal(t, []string{"5", "99"}, list[0][:2], name) // an empty line and one in a cell count
		assert.Equal(t, []string{"7", "98"}, list[1][:2], name)
		deal := portal.Rows("crm.deal")[0]
		assert.Equal(t, "two\nlines", deal["COMMENTS"], name)
		assert.Equal(t, "a, b; c", deal["TITLE"], name)
	}
}

// A second run while the first one writes would send each update twice.
func TestRunTwiceAtOnce(t *testing.T) {
	t.Parallel()
	portal, d := newDesk(t)
	file := deals(t, 200)
	unlock, err := statefile.Lock(file + ".state")
	require.NoError(t, err)
	args := []string{"-file", file}

	require.ErrorContains(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()), "is in use by process")

	assert.Empty(t, d.done)
	require.NoError(t, unlock())
	require.NoError(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()))
	assert.NoFileExists(t, file+".state.lock")
	d.assertOnce(t, 200)
}

func TestRunNotesWhichFileTheStateIsAbout(t *testing.T) {
	t.Parallel()
	portal, _ := newDesk(t)
	file := deals(t, 10)
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL()))
	other, d := newDesk(t) // lines done at one portal are not done at another
	err := run(t.Context(), &strings.Builder{}, []string{"-file", file}, other.WebhookURL())
	require.ErrorContains(t, err, "is about another file, method or portal")
	assert.Empty(t, d.done)
	require.NoError(t, os.WriteFile(file, []byte("ID,TITLE\n1,one\n"), 0o600))

	err = run(t.Context(), &strings.Builder{}, []string{"-file", file}, portal.WebhookURL())

	assert.ErrorContains(t, err, "is about another file")
}

func TestRunBadArguments(t *testing.T) {
	t.Parallel()
	portal, d := newDesk(t)
	for want, args := range map[string][]string{
		"-file is missing": nil,
		"what is":          {"deals.csv"},
		"not defined":      {"-files", "deals.csv"},
		"no such file":     {"-file", filepath.Join(t.TempDir(), "none.csv")},
	} {
		assert.ErrorContains(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()), want)
	}
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, portal.WebhookURL()))
	assert.Empty(t, d.done)
}
