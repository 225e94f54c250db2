package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func newPortal(t *testing.T, deals int) *b24test.Portal {
	t.Helper()
	portal := b24test.NewPortal(t)
	portal.SeedN("crm.deal", deals, func(i int) b24.Params {
		return b24.Params{"TITLE": "Order " + strconv.Itoa(i+1), "STAGE_ID": "NEW"}
	})
	return portal
}

// ids returns the ids in a file of either format, in their order.
func ids(t *testing.T, file string) []int {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var list []int
	if strings.HasSuffix(file, ".csv") {
		rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"ID", "TITLE"}, rows[0])
		for _, row := range rows[1:] {
			n, err := strconv.Atoi(row[0])
			require.NoError(t, err)
			require.Equal(t, "Order "+row[0], row[1])
			list = append(list, n)
		}
		return list
	}
	for line := range strings.Lines(string(text)) {
		var row struct {
			ID b24.Int `json:"ID"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &row))
		list = append(list, int(row.ID))
	}
	return list
}

// assertOnce asserts that the file has the deals 1 to n once each.
func assertOnce(t *testing.T, file string, n int) {
	t.Helper()
	list := ids(t, file)
	assert.Len(t, list, n)
	seen := map[int]bool{}
	for _, id := range list {
		assert.False(t, seen[id], "deal %d stands there twice", id)
		assert.True(t, id >= 1 && id <= n, "deal %d", id)
		seen[id] = true
	}
	assert.NoFileExists(t, file+".state")
	assert.NoFileExists(t, file+".state.lock")
}

// watch calls on when so many rows were told.
type watch struct {
	strings.Builder

	from int
	on   func()
}

func (w *watch) Write(p []byte) (int, error) {
	count, _, _ := strings.Cut(string(p), " of ")
	if n, err := strconv.Atoi(count); err == nil && n >= w.from && w.on != nil {
		w.on()
		w.on = nil
	}
	return w.Builder.Write(p)
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "deals.jsonl")
	var out strings.Builder

	err := run(t.Context(), &out, []string{"-out", file}, "")

	require.NoError(t, err)
	assertOnce(t, file, 12_000)
	assert.Contains(t, out.String(), "\n1200 of 12000 rows\n")
	assert.True(t, strings.HasSuffix(out.String(), "\n12000 rows in "+file+", this run by 8 requests\n"), out.String())
}

func TestRunWritesTheRowsThatWereAskedFor(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 3)
	portal.Seed("crm.deal", b24.Params{"ID": 4, "TITLE": "a, \"b\"\n<c>/", "STAGE_ID": "WON"})
	for name, want := range map[string]string{
		"deals.csv":   "STAGE_ID,TITLE,ID\nNEW,Order 3,3\nWON,\"a, \"\"b\"\"\n<c>/\",4\n",
		"deals.jsonl": `"TITLE":"Order 3"`,
	} {
		file := filepath.Join(t.TempDir(), name)
		err := run(t.Context(), &strings.Builder{}, []string{
			"-out", file, "-select", "STAGE_ID,TITLE,ID", "-filter", `{">ID": 2}`,
		}, portal.WebhookURL())
		require.NoError(t, err)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Contains(t, string(text), want)
		assert.NotContains(t, string(text), "Order 2")
	}
}

func TestRunWithFurtherParameters(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.SeedN("crm.item:2", 60, func(i int) b24.Params { return b24.Params{"TITLE": "Order " + strconv.Itoa(i+1)} })
	file := filepath.Join(t.TempDir(), "items.csv")

	err := run(t.Context(), &strings.Builder{}, []string{
		"-method", "crm.item.list", "-params", `{"entityTypeId": 2}`, "-select", "id,title", "-out", file,
	}, portal.WebhookURL())

	require.NoError(t, err)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, 61, strings.Count(string(text), "\n"))
	assert.True(t, strings.HasPrefix(string(text), "id,title\n1,Order 1\n"), string(text[:40]))
}

// variants are arguments for -out and behind it.
func variants(t *testing.T) map[string][]string {
	t.Helper()
	dir := t.TempDir()
	return map[string][]string{
		filepath.Join(dir, "deals.jsonl"): {"-select", "ID,TITLE"},
		filepath.Join(dir, "deals.csv"):   {"-select", "ID,TITLE"},
		filepath.Join(dir, "four.csv"):    {"-select", "ID,TITLE", "-concurrency", "4"},
		filepath.Join(dir, "four.jsonl"):  {"-concurrency", "4"},
	}
}

func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 6000)
	for file, args := range variants(t) {
		args = append(args, "-out", file)
		ctx, cancel := context.WithCancel(t.Context())
		err := run(ctx, &watch{from: 1000, on: cancel}, args, portal.WebhookURL())
		require.ErrorIs(t, err, context.Canceled, file)
		require.ErrorContains(t, err, "the same command goes on")
		first := len(ids(t, file))
		assert.GreaterOrEqual(t, first, 900)
		assert.Less(t, first, 6000)

		var out strings.Builder
		require.NoError(t, run(t.Context(), &out, args, portal.WebhookURL()), file)
		assert.True(t, strings.HasPrefix(out.String(), "going on after "), out.String())
		assertOnce(t, file, 6000)
	}
}

// Killed at any moment: the file may be longer than the place that was stored.
func TestRunKilled(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 12_000)
	for file, args := range variants(t) {
		for _, from := range []int{1, 4000, 9000} {
			left := map[string][]byte{}
			kill := &watch{from: from, on: func() {
				for _, end := range []string{"", ".state"} {
					text, err := os.ReadFile(file + end)
					assert.NoError(t, err)
					left[end] = text
				}
			}}
			args := append(args, "-out", file)
			require.NoError(t, run(t.Context(), kill, args, portal.WebhookURL()))
			require.Nil(t, kill.on)
			left[""] = append(left[""], `{"ID":"77","TI`...) // a row cut in the middle
			for end, text := range left {
				require.NoError(t, os.WriteFile(file+end, text, 0o600))
			}

			require.NoError(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()))

			assertOnce(t, file, 12_000)
			require.NoError(t, os.Remove(file))
		}
	}
}

func TestRunGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 6000)
	portal.Fault("batch", b24test.Pass(), b24test.Pass(),
		b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied, Description: "no", Status: http.StatusForbidden}))
	file := filepath.Join(t.TempDir(), "deals.csv")
	args := []string{"-out", file, "-select", "ID,TITLE"}

	err := run(t.Context(), &strings.Builder{}, args, portal.WebhookURL())
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.NotEmpty(t, ids(t, file))

	require.NoError(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()))
	assertOnce(t, file, 6000)
}

func TestRunWritesOverNothing(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 3)
	file := filepath.Join(t.TempDir(), "deals.csv")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))

	err := run(t.Context(), &strings.Builder{}, []string{"-out", file}, portal.WebhookURL())

	require.ErrorContains(t, err, "exists")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
	assert.NoFileExists(t, file+".state")
}

func TestRunNotesWhichExportTheStateIsAbout(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 100)
	file := filepath.Join(t.TempDir(), "deals.csv")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, run(ctx, &strings.Builder{}, []string{"-out", file}, portal.WebhookURL()), context.Canceled)

	for _, args := range [][]string{
		{"-method", "crm.lead.list"}, {"-filter", `{">ID": 1}`}, {"-select", "ID"}, {"-format", "jsonl"},
	} {
		err := run(t.Context(), &strings.Builder{}, append(args, "-out", file), portal.WebhookURL())
		assert.ErrorContains(t, err, "is about another export", args)
	}
	err := run(t.Context(), &strings.Builder{}, []string{"-out", file}, newPortal(t, 3).WebhookURL())
	assert.ErrorContains(t, err, "is about another export, from "+origin(portal)+" to "+file)
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-out", file}, portal.WebhookURL()))
	assert.Len(t, strings.Split(string(read(t, file)), "\n"), 102)
}

func origin(portal *b24test.Portal) string {
	address, _, _ := strings.Cut(portal.WebhookURL(), "/rest/")
	return address
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return text
}

// The state of one file must not cut another one.
func TestRunGoesOnInTheSameFileOnly(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 6000)
	dir := t.TempDir()
	file, mine, state := filepath.Join(dir, "deals.csv"), filepath.Join(dir, "mine.csv"), filepath.Join(dir, "place")
	require.NoError(t, os.WriteFile(mine, []byte(strings.Repeat("mine\n", 1<<16)), 0o600))
	args := []string{"-resume", state, "-select", "ID,TITLE"}
	ctx, cancel := context.WithCancel(t.Context())
	err := run(ctx, &watch{from: 1000, on: cancel}, append(args, "-out", file), portal.WebhookURL())
	require.ErrorIs(t, err, context.Canceled)

	err = run(t.Context(), &strings.Builder{}, append(args, "-out", mine), portal.WebhookURL())

	require.ErrorContains(t, err, "is about another export")
	require.ErrorContains(t, err, file)
	assert.Equal(t, strings.Repeat("mine\n", 1<<16), string(read(t, mine)))
	require.NoError(t, run(t.Context(), &strings.Builder{}, append(args, "-out", file), portal.WebhookURL()))
	assertOnce(t, file, 6000)
	assert.NoFileExists(t, state)
}

// A second run while the first one writes does nothing.
func TestRunTwiceAtOnce(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 6000)
	file := filepath.Join(t.TempDir(), "deals.csv")
	args := []string{"-out", file, "-select", "ID,TITLE"}
	var second error
	err := run(t.Context(), &watch{from: 1000, on: func() {
		second = run(t.Context(), &strings.Builder{}, args, portal.WebhookURL())
	}}, args, portal.WebhookURL())

	require.NoError(t, err)
	require.ErrorContains(t, second, "is in use by process "+strconv.Itoa(os.Getpid()))
	assertOnce(t, file, 6000)
}

// disk is one that fails from a byte on, or when it has to say what it holds.
type disk struct {
	output

	room  int
	syncs int
}

var errFull = errors.New("no space left on device")

func (d *disk) Write(p []byte) (int, error) {
	fit := min(len(p), d.room)
	n, err := d.output.Write(p[:fit])
	d.room -= n
	if fit < len(p) {
		err = errFull
	}
	return n, err
}

// Sync fails once, and then pretends: so do disks.
func (d *disk) Sync() error {
	if d.syncs--; d.syncs == 0 {
		return errFull
	}
	return d.output.Sync()
}

// exportTo is run, but for the disk.
func exportTo(t *testing.T, d *disk, args []string, webhookURL string) error {
	t.Helper()
	s, err := parse(io.Discard, args)
	require.NoError(t, err)
	hook, err := b24.FromWebhookURL(webhookURL)
	require.NoError(t, err)
	defer hook.Close()
	e, err := newExport(io.Discard, s, hook.TargetOrigin())
	require.NoError(t, err)
	d.output = e.out
	e.out = d
	e.buffered.Reset(d)
	return errors.Join(e.run(t.Context(), hook), e.close())
}

func TestRunOnAFullDisk(t *testing.T) {
	t.Parallel()
	portal := newPortal(t, 6000)
	const room = 1 << 30
	for file, args := range variants(t) {
		args := append(args, "-out", file)
		for name, d := range map[string]*disk{
			"at once":          {room: 0},
			"in the first row": {room: 10},
			"later":            {room: 70_000},
			"first sync":       {room: room, syncs: 1},
			"last sync":        {room: room, syncs: 3},
		} {
			err := exportTo(t, d, args, portal.WebhookURL())
			require.ErrorIs(t, err, errFull, name)
			require.ErrorContains(t, err, "the same command goes on", name)
			assert.Equal(t, 1, strings.Count(err.Error(), errFull.Error()), err)
			assert.FileExists(t, file+".state", name)

			require.NoError(t, run(t.Context(), io.Discard, args, portal.WebhookURL()), name)
			assertOnce(t, file, 6000)
			require.NoError(t, os.Remove(file))
		}
	}
}

// A table has no room for a field that only later rows have: that is said, and
// nothing is left out in silence.
func TestRunWithARowOfOtherFields(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	portal.Handle("my.list", func(b24test.Request) (any, error) {
		return []b24.Params{{"ID": 1, "TITLE": "one"}, {"ID": 2, "TITLE": "two", "NOTE": "more"}}, nil
	})
	file := filepath.Join(t.TempDir(), "rows.csv")

	err := run(t.Context(), &strings.Builder{}, []string{"-method", "my.list", "-out", file}, portal.WebhookURL())

	assert.ErrorContains(t, err, `row 2: the row has "NOTE", which is no column`)
}

func TestRunBadArguments(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	file := filepath.Join(t.TempDir(), "deals.csv")
	for want, args := range map[string][]string{
		"-out is missing":   nil,
		"must be another":   {"-out", file, "-resume", file},
		"what is":           {"-out", file, "more"},
		"it is no JSON":     {"-out", file, "-filter", ">ID"},
		"invalid value":     {"-out", file, "-params", "[1]"},
		"neither jsonl nor": {"-out", file, "-format", "xls"},
		"no such file":      {"-out", filepath.Join(file, "none", "deals.csv")},
	} {
		assert.ErrorContains(t, run(t.Context(), &strings.Builder{}, args, portal.WebhookURL()), want)
	}
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, portal.WebhookURL()))
	assert.Empty(t, portal.Requests())
}
