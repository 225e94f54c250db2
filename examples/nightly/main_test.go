package main

import (
	"context"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// newPortal starts a portal with two contacts; the first has two phones.
func newPortal(t *testing.T) *b24test.Portal {
	t.Helper()
	portal := b24test.NewPortal(t)
	portal.Seed("crm.contact",
		b24.Params{"ID": 5, "PHONE": []string{"+1", "+2"}}, b24.Params{"ID": 6, "PHONE": "+3"}, b24.Params{"ID": 7})
	put(portal, 1, "NEW")
	return portal
}

// put puts a deal into a portal that changed a moment ago.
func put(portal *b24test.Portal, id int, stage string, contacts ...int) {
	portal.Seed("crm.deal", b24.Params{
		"ID": id, "TITLE": "Order " + strconv.Itoa(id), "STAGE_ID": stage, "OPPORTUNITY": "10.50", "CURRENCY_ID": "EUR",
		"CONTACT_IDS": contacts, "DATE_MODIFY": time.Now().Format(time.RFC3339), markStored: "",
	})
}

// stage changes a deal as a user does.
func stage(t *testing.T, portal *b24test.Portal, id int, stage string) {
	t.Helper()
	hook, err := b24.FromWebhookURL(portal.WebhookURL())
	require.NoError(t, err)
	_, err = hook.CallMethod(t.Context(), "crm.deal.update", b24.Params{"id": id, "fields": b24.Params{"STAGE_ID": stage}})
	require.NoError(t, err)
}

func export(t *testing.T, portal *b24test.Portal, dir string) (out string, err error) {
	t.Helper()
	var w strings.Builder
	err = run(t.Context(), &w, []string{"-dir", dir}, portal.WebhookURL())
	return w.String(), err
}

// exported returns the ids and stages of all rows of all files, in the order of the files.
func exported(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.csv"))
	require.NoError(t, err)
	var all []string
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
			cells := strings.Split(line, ",")
			all = append(all, cells[0]+cells[2])
		}
	}
	return strings.Join(all, " ")
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, nil, ""))
	assert.Equal(t, "2 deals exported\n2 deals marked\n1 deals exported\n1 deals marked\n", out.String())
}

func TestRunWritesThePhonesOfAllContacts(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	put(portal, 2, "WON", 6, 5, 7)
	put(portal, 3, "NEW", 5, 99)

	out, err := export(t, portal, dir)

	require.NoError(t, err)
	assert.Equal(t, "1 contacts cannot be read: their phones are missing\n3 deals exported\n3 deals marked\n", out)
	names, err := filepath.Glob(filepath.Join(dir, "deals-*-1.csv"))
	require.NoError(t, err)
	require.Len(t, names, 1)
	text, err := os.ReadFile(names[0])
	require.NoError(t, err)
	lines := strings.Split(string(text), "\n")
	assert.Equal(t, "ID,Title,Stage,Amount,Currency,Changed,Phones", lines[0])
	assert.Regexp(t, `^1,Order 1,NEW,10.5,EUR,20\S+,$`, lines[1])
	assert.Regexp(t, `^2,Order 2,WON,10.5,EUR,20\S+,\+3 \+1 \+2$`, lines[2])
	assert.Regexp(t, `^3,Order 3,NEW,10.5,EUR,20\S+,\+1 \+2$`, lines[3])
	assert.Equal(t, 1, portal.Calls("crm.contact.list"))
}

// The marks move the time of the last change: the second night reads the deals again, and exports
// only what changed.
func TestTheSecondNightExportsNothingTwice(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	put(portal, 2, "NEW", 5)
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	for range 2 {
		out, err := export(t, portal, dir)
		require.NoError(t, err)
		assert.Equal(t, "0 deals exported\n0 deals marked\n", out)
	}
	assert.Equal(t, 2, portal.Executed("crm.item.update"))

	stage(t, portal, 2, "WON")
	out, err := export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1 deals exported\n1 deals marked\n", out)
	stage(t, portal, 2, "NEW") // back again is a change, too
	_, err = export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1NEW 2NEW 2WON 2NEW", exported(t, dir))
}

// A change may become visible after a later one, or have the time of one that was exported.
func TestChangesThatComeLate(t *testing.T) {
	t.Parallel()
	for overlap, want := range map[string]string{"0s": "1NEW 2NEW", "1m": "1NEW 2NEW 3NEW"} {
		portal, dir := b24test.NewPortal(t), t.TempDir()
		now := time.Now().Add(time.Hour).Truncate(time.Second) // later than the marks
		for id, at := range []time.Time{now, now, now.Add(-50 * time.Second), now.Add(-2 * time.Minute)} {
			portal.Seed("crm.deal", b24.Params{"ID": id + 1, "STAGE_ID": "NEW", "DATE_MODIFY": at.Format(time.RFC3339), markStored: ""})
			if id == 0 || id == 3 {
				require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-dir", dir, "-overlap", overlap}, portal.WebhookURL()))
			}
		}
		assert.Equal(t, want, exported(t, dir), overlap)
	}
}

// A copy has the mark of its original.
func TestACopyIsExported(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	row := portal.Rows("crm.deal")[0]
	require.NotEmpty(t, row[markStored])
	portal.Seed("crm.deal", b24.Params{
		"ID": 2, "TITLE": row["TITLE"], "STAGE_ID": "NEW", "OPPORTUNITY": "10.50", "CURRENCY_ID": "EUR",
		"CONTACT_IDS": []int{}, "DATE_MODIFY": row["DATE_MODIFY"], markStored: row[markStored],
	})

	_, err = export(t, portal, dir)

	require.NoError(t, err)
	assert.Equal(t, "1NEW 2NEW", exported(t, dir))
}

// The first run looks back a day.
func TestTheFirstNight(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	portal.Seed("crm.deal", b24.Params{"ID": 2, "DATE_MODIFY": time.Now().Add(-25 * time.Hour).Format(time.RFC3339)})
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1NEW", exported(t, dir))
}

// A portal that refuses a mark, or takes it and does not answer, gets it again; the row is not
// written again.
func TestAMarkThatFails(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	put(portal, 2, "NEW")
	put(portal, 3, "NEW")
	portal.Fault("crm.item.update", b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied, Status: http.StatusForbidden}))
	out, err := export(t, portal, dir)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	require.ErrorContains(t, err, "1 deals are exported and not marked, the next run tries again: deal 1: ")
	assert.Equal(t, 1, status(err))
	assert.Equal(t, "3 deals exported\n2 deals marked\n", out)

	stage(t, portal, 2, "WON")
	portal.Fault("batch", b24test.Pass(), b24test.ResetAfter()) // the list, the marks
	out, err = export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1 deals exported\n2 deals marked\n", out)
	assert.Equal(t, "1NEW 2NEW 3NEW 2WON", exported(t, dir))
	assert.Equal(t, 2+2+2, portal.Executed("crm.item.update")) // the second batch twice
}

// What a deleted deal is due is forgotten.
func TestADealThatIsGone(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	portal.Fault("crm.item.update", b24test.Refuse(&b24.Error{Code: b24.ErrNotFound, Status: http.StatusBadRequest}))
	out, err := export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1 deals exported\n0 deals marked\n", out)
	out, err = export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1 deals exported\n1 deals marked\n", out) // it was not deleted: it comes again
}

// A run that dies anywhere between two steps: each row is written once all the same.
func TestARunThatDies(t *testing.T) {
	t.Parallel()
	for name, crash := range map[string]func(n *nightly, changed []deal) error{
		"before the rows have their state": func(n *nightly, _ []deal) error {
			return os.WriteFile(n.part(), []byte("ID,Ti"), 0o600)
		},
		"before the rows have their name": func(n *nightly, changed []deal) error { return n.store(changed, nil) },
		"after the name": func(n *nightly, changed []deal) error {
			err := n.store(changed, nil)
			return errors.Join(err, os.Rename(n.part(), filepath.Join(n.dir, n.state.File)))
		},
		"before the marks": func(n *nightly, changed []deal) error {
			return errors.Join(n.store(changed, nil), n.publish())
		},
	} {
		portal, dir := newPortal(t), t.TempDir()
		put(portal, 2, "NEW")
		hook, err := b24.FromWebhookURL(portal.WebhookURL())
		require.NoError(t, err)
		n := &nightly{client: hook, dir: dir, file: filepath.Join(dir, "nightly.state")}
		require.NoError(t, n.load(hook.TargetOrigin(), time.Now().Add(-time.Hour)))
		changed, err := n.changed(t.Context())
		require.NoError(t, err)
		require.NoError(t, crash(n, changed), name)
		stage(t, portal, 2, "WON")

		for range 2 {
			_, err = export(t, portal, dir)
			require.NoError(t, err, name)
		}

		want := "1NEW 2NEW 2WON"
		if name == "before the rows have their state" {
			want = "1NEW 2WON"
		}
		assert.Equal(t, want, exported(t, dir), name)
		assert.NoFileExists(t, n.part(), name)
		for _, row := range portal.Rows("crm.deal") {
			assert.NotEmpty(t, row[markStored], name)
		}
	}
}

// Rows that were not stored completely never get a name.
func TestARunThatDiesInTheRows(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "deals.csv.part"), []byte("ID,Ti\n7,Or,NEW"), 0o600))
	put(portal, 2, "NEW")

	out, err := export(t, portal, dir)

	require.NoError(t, err)
	assert.Equal(t, "1 deals exported\n1 deals marked\n", out)
	assert.Equal(t, "1NEW 2NEW", exported(t, dir))
}

// Without the state file, the marks still tell what was exported.
func TestAStateThatIsLost(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "nightly.state")))
	out, err := export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "0 deals exported\n0 deals marked\n", out)
}

func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	unlock, err := lock(filepath.Join(dir, "nightly.state.lock"))
	require.NoError(t, err)
	_, err = export(t, portal, dir)
	require.ErrorIs(t, err, errBusy)
	assert.Equal(t, 3, status(err))
	assert.Empty(t, portal.Requests())

	unlock()
	_, err = export(t, portal, dir)
	require.NoError(t, err)
}

// A portal that does not answer ends the run at its deadline, and nothing is half done.
func TestTheDeadline(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	portal.Handle("crm.item.list", func(r b24test.Request) (any, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	var out strings.Builder
	err := run(t.Context(), &out, []string{"-dir", dir, "-deadline", "50ms"}, portal.WebhookURL())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "the run took longer than 50ms")
	assert.Equal(t, 1, status(err))
	assert.Empty(t, exported(t, dir))
}

// A portal without the field would drop each mark without an error.
func TestAPortalWithoutTheField(t *testing.T) {
	t.Parallel()
	portal := b24test.NewPortal(t)
	_, err := export(t, portal, t.TempDir())
	require.ErrorContains(t, err, "deals have no field UF_CRM_EXPORTED")
	assert.Equal(t, 2, status(err))
	assert.Zero(t, portal.Calls("crm.item.list"))
}

func TestTheStateOfAnotherPortal(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	_, err := export(t, portal, dir)
	require.NoError(t, err)
	_, err = export(t, newPortal(t), dir)
	require.ErrorContains(t, err, "is about http://127.0.0.1:")
	assert.Equal(t, 2, status(err))
}

func TestAFullDisk(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "deals.csv.part"), 0o700)) // a directory stands in its place
	out, err := export(t, portal, dir)
	require.Error(t, err)
	assert.Empty(t, out)
	assert.Zero(t, portal.Calls("crm.item.update"))
	require.NoError(t, os.Remove(filepath.Join(dir, "deals.csv.part")))
	_, err = export(t, portal, dir)
	require.NoError(t, err)
	assert.Equal(t, "1NEW", exported(t, dir))
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	portal, dir := newPortal(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nightly.state"), []byte("{"), 0o600))
	for want, args := range map[string][]string{
		"what is":     {"more"},
		"is negative": {"-since", "-1s"},
		"is 0":        {"-deadline", "0"},
		"not defined": {"-from", "now"},
		"state":       {"-dir", dir},
		"no such":     {"-dir", filepath.Join(dir, "none")},
	} {
		err := run(t.Context(), &strings.Builder{}, args, portal.WebhookURL())
		require.ErrorContains(t, err, want)
		assert.Equal(t, 2, status(err), want)
	}
	require.NoError(t, run(t.Context(), &strings.Builder{}, []string{"-h"}, portal.WebhookURL()))
	require.ErrorIs(t, run(t.Context(), &strings.Builder{}, nil, "no address"), errSettings)
	assert.Empty(t, portal.Requests())
	_, err := parse(&strings.Builder{}, []string{"-h"})
	assert.ErrorIs(t, err, flag.ErrHelp)
}

func TestTheWebhookFromAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"good":  {"https://p/rest/1/x/\n", 0o600, ""},
		"group": {"https://p/rest/1/x/", 0o440, ""}, // as systemd makes it
		"open":  {"https://p/rest/1/x/", 0o644, "is open to all users"},
		"empty": {"\n", 0o600, "is empty"},
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(test.text), test.mode))
		address, err := webhook("", file)
		if test.want == "" {
			require.NoError(t, err, name)
			assert.Equal(t, "https://p/rest/1/x/", address, name)
			continue
		}
		require.ErrorContains(t, err, test.want, name)
		assert.Equal(t, 2, status(err), name)
		assert.NotContains(t, err.Error(), "rest/1", name)
	}
	_, err := webhook("", filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	address, err := webhook("https://q/rest/1/x/", filepath.Join(dir, "none"))
	require.NoError(t, err)
	assert.Equal(t, "https://q/rest/1/x/", address)
	assert.Zero(t, status(nil))
}
