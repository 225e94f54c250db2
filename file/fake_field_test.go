package file_test

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
)

// fakeDeal starts a portal with deal 5, which has a field for one file and a field for several with
// two files.
func fakeDeal(t *testing.T) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p, h := fake(t)
	p.Define("crm.deal",
		b24test.Field{Name: "UF_CRM_ONE", Type: "file"}, b24test.Field{Name: "UF_CRM_MANY", Type: "file", Multiple: true})
	p.Seed("crm.deal", b24.Params{
		"ID": 5, "UF_CRM_ONE": p.SeedFieldFile(b24test.File{Name: "old.txt", Content: []byte("old")}).FileID,
		"UF_CRM_MANY": []any{
			p.SeedFieldFile(b24test.File{Name: "m1.txt", Content: []byte("m1")}).FileID, p.SeedFieldFile(b24test.File{Name: "m2.txt", Content: []byte("m2")}).FileID,
		},
	})
	return p, h
}

// held lists the files of the portal, by name.
func held(p *b24test.Portal) []string {
	var list []string
	for _, f := range p.Files() {
		list = append(list, f.Name+"="+string(f.Content))
	}
	slices.Sort(list)
	return list
}

type fakeItem struct {
	One  file.Attached           `json:"ufCrmOne"`
	Many b24.Rows[file.Attached] `json:"ufCrmMany"`
}

func readDeal(t *testing.T, h *b24.Hook) fakeItem {
	t.Helper()
	item, err := b24.Call[fakeItem](t.Context(), h, "crm.item.get", b24.Params{"entityTypeId": 2, "id": 5}, b24.WithResultKey("item"))
	require.NoError(t, err)
	return item
}

// Each form does in its method what its documentation says.
func TestFakeFields(t *testing.T) {
	t.Parallel()
	a, b := func() file.File { return text("a.txt", "a") }, func() file.File { return text("b.txt", "b") }
	for name, row := range map[string]struct {
		method string
		fields func(fakeItem) b24.Params
		want   []string
	}{
		"one of an item":     {"crm.item.update", func(fakeItem) b24.Params { return b24.Params{"ufCrmOne": file.Pair(a())} }, []string{"a.txt=a", "m1.txt=m1", "m2.txt=m2"}},
		"several of an item": {"crm.item.update", func(fakeItem) b24.Params { return b24.Params{"ufCrmMany": file.Pairs(a(), b()).ReplaceAll()} }, []string{"a.txt=a", "b.txt=b", "old.txt=old"}},
		"in a list":          {"crm.item.update", func(fakeItem) b24.Params { return b24.Params{"ufCrmMany": file.Pairs(a()).ReplaceAll()} }, []string{"a.txt=a", "old.txt=old"}},
		"kept and added":     {"crm.item.update", func(i fakeItem) b24.Params { return b24.Params{"ufCrmMany": file.Keep(i.Many[1].ID).Add(a())} }, []string{"a.txt=a", "m2.txt=m2", "old.txt=old"}},
		"all kept":           {"crm.item.update", func(i fakeItem) b24.Params { return b24.Params{"ufCrmMany": file.Keep(i.Many[0].ID, i.Many[1].ID)} }, []string{"m1.txt=m1", "m2.txt=m2", "old.txt=old"}},
		"one of a deal":      {"crm.deal.update", func(fakeItem) b24.Params { return b24.Params{"UF_CRM_ONE": file.Data(a())} }, []string{"a.txt=a", "m1.txt=m1", "m2.txt=m2"}},
		"several of a deal":  {"crm.deal.update", func(fakeItem) b24.Params { return b24.Params{"UF_CRM_MANY": file.Data(a(), b())} }, []string{"a.txt=a", "b.txt=b", "old.txt=old"}},
		"a list of a deal":   {"crm.deal.update", func(fakeItem) b24.Params { return b24.Params{"UF_CRM_MANY": file.Data(a()).AsList()} }, []string{"a.txt=a", "old.txt=old"}},
	} {
		p, h := fakeDeal(t)
		params := b24.Params{"id": 5, "fields": row.fields(readDeal(t, h))}
		if row.method == "crm.item.update" {
			params["entityTypeId"] = 2
		}
		_, err := h.CallMethod(t.Context(), row.method, params)
		require.NoError(t, err, "%s: a portal ignores what it cannot read", name)
		assert.Equal(t, row.want, held(p), name)
	}
}

// What the documentation of Pair warns of.
func TestFakePairInAMultipleField(t *testing.T) {
	t.Parallel()
	p, h := fakeDeal(t)
	_, err := file.Write(t.Context(), h, "crm.item.update", b24.Params{"entityTypeId": 2, "id": 5, "fields": b24.Params{"ufCrmMany": file.Pair(text("name", "a"))}},
		file.WithVerify(func(*b24.AjaxResult) (file.Check, error) { return file.Check{Path: []string{"item", "ufCrmMany"}}, nil }))
	require.NoError(t, err)
	require.Len(t, readDeal(t, h).Many, 2)
	for _, f := range p.Files() {
		assert.NotEqual(t, "name", f.Name)
	}
}

// The links of crm.item.get lead to the files, and those of crm.deal.get are refused.
func TestFakeLinksOfFields(t *testing.T) {
	t.Parallel()
	p, h := fakeDeal(t)
	item := readDeal(t, h)
	got, err := down(t, h, item.One.Link)
	require.NoError(t, err)
	assert.Equal(t, "old", got)
	require.Len(t, item.Many, 2)
	got, err = down(t, h, item.Many[1].Link)
	require.NoError(t, err)
	assert.Equal(t, "m2", got)

	old, err := b24.Call[struct {
		One struct {
			Show     b24.FileURL `json:"showUrl"`
			Download b24.FileURL `json:"downloadUrl"`
		} `json:"UF_CRM_ONE"`
	}](t.Context(), h, "crm.deal.get", b24.Params{"id": 5})
	require.NoError(t, err)
	before := len(p.HTTPRequests())
	for _, link := range []b24.FileURL{old.One.Show, old.One.Download} {
		require.False(t, link.IsZero())
		_, err = down(t, h, link)
		require.ErrorIs(t, err, b24.ErrFileURL)
		require.ErrorContains(t, err, "crm.item.get")
	}
	assert.Len(t, p.HTTPRequests(), before, "nothing was sent")

	_, err = h.CallMethod(t.Context(), "crm.item.update", b24.Params{"entityTypeId": 2, "id": 5, "fields": b24.Params{"ufCrmOne": file.Pair(text("new.txt", "new"))}})
	require.NoError(t, err)
	got, err = down(t, h, item.One.Link)
	require.ErrorIs(t, err, b24.ErrBadResponse, "the link leads to a file that the field no longer has")
	assert.Empty(t, got)
	harmless(t, err, p.Secret())
}

// A look after the write finds what the portal ignored.
func TestFakeVerify(t *testing.T) {
	t.Parallel()
	p, h := fake(t)
	p.Define("crm.deal",
		b24test.Field{Name: "UF_CRM_ONE", Type: "file"}, b24test.Field{Name: "UF_CRM_MANY", Type: "file", Multiple: true})
	item := func(field string, f *file.Field, n int) error {
		_, err := file.Write(t.Context(), h, "crm.item.add", b24.Params{"entityTypeId": 2, "fields": b24.Params{"title": "x", field: f}},
			file.WithVerify(func(*b24.AjaxResult) (file.Check, error) {
				return file.Check{Path: []string{"item", field}, Files: n}, nil
			}))
		return err
	}
	deal := func(field string, f *file.Field) error {
		_, err := file.Write(t.Context(), h, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "x", field: f}},
			file.WithVerify(func(written *b24.AjaxResult) (file.Check, error) {
				id, err := b24.Decode[b24.ID](written)
				return file.Check{Method: "crm.deal.get", Params: b24.Params{"id": id}, Path: []string{field}}, err
			}))
		return err
	}
	one := func() file.File { return text("a.txt", "a") }
	require.NoError(t, item("ufCrmOne", file.Pair(one()), 1))
	require.NoError(t, item("ufCrmMany", file.Pairs(one(), one()), 2))
	require.NoError(t, deal("UF_CRM_ONE", file.Data(one())))
	require.NoError(t, deal("UF_CRM_MANY", file.Data(one(), one())))
	for name, err := range map[string]error{
		"a list for one":         item("ufCrmOne", file.Pairs(one()), 1),
		"no such field":          item("ufCrmTypo", file.Pair(one()), 1),
		"a list for one of them": deal("UF_CRM_ONE", file.Data(one()).AsList()),
		"a misspelled one":       deal("UF_CRM_TYPO", file.Data(one())),
	} {
		require.ErrorIs(t, err, file.ErrNotStored, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
	}
	assert.Equal(t, 4, p.Executed("crm.item.add"), "no write is repeated")
	assert.Equal(t, 4, p.Executed("crm.deal.add"))
}

// A portal ignores files in the form of another method, or clears the field, and replaces files that
// nobody named: all of these are refused.
func TestFakeMisplaced(t *testing.T) {
	t.Parallel()
	p, h := fakeDeal(t)
	before, requests := held(p), len(p.Requests())
	one := func() file.File { return text("a.txt", "a") }
	for name, row := range map[string]struct {
		method string
		fields any
		says   string
	}{
		"a deal in an item":     {"crm.item.update", b24.Params{"ufCrmOne": file.Data(one())}, "file.Pair"},
		"a product in an item":  {"crm.item.add", b24.Params{"ufCrmOne": file.Value(one())}, "file.Pair"},
		"an item in a deal":     {"crm.deal.update", b24.Params{"UF_CRM_ONE": file.Pair(one())}, "write file.Data"},
		"items in a contact":    {"CRM.Contact.Add", b24.Params{"UF_CRM_MANY": file.Pairs(one())}, "write file.Data"},
		"replaced":              {"crm.item.update", b24.Params{"ufCrmMany": file.Pairs(one())}, "file.Keep(ids...)"},
		"replaced, in a struct": {"crm.item.update", struct{ UfCrmMany *file.Field }{file.Pairs(one())}, "ReplaceAll()"},
	} {
		params := b24.Params{"entityTypeId": 2, "id": 5, "fields": row.fields}
		_, err := h.CallMethod(t.Context(), row.method, params)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		require.ErrorContains(t, err, row.says, name)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
	}
	assert.Len(t, p.Requests(), requests)
	assert.Equal(t, before, held(p))
}

// A task gets files of Drive by their ids, and keeps those that it has only if they are named.
func TestFakeTask(t *testing.T) {
	t.Parallel()
	p, h := fake(t)
	folder := file.Folder(b24.IDOf(p.SeedFolder("")))
	first, err := file.Upload(t.Context(), h, folder, text("a.txt", "a"))
	require.NoError(t, err)
	second, err := file.Upload(t.Context(), h, folder, text("b.txt", "b"))
	require.NoError(t, err)
	task, err := b24.Call[b24.ID](t.Context(), h, "tasks.task.add", b24.Params{"fields": b24.Params{
		"TITLE": "x", "RESPONSIBLE_ID": 1, "UF_TASK_WEBDAV_FILES": file.Drive(first.ID),
	}}, b24.WithResultKey("task", "id"))
	require.NoError(t, err)
	attached := func() []b24.ID {
		ids, err := b24.Call[b24.Rows[b24.ID]](t.Context(), h, "tasks.task.get", b24.Params{"taskId": task, "select": []string{"UF_TASK_WEBDAV_FILES"}}, b24.WithResultKey("task", "ufTaskWebdavFiles"))
		require.NoError(t, err)
		return ids
	}
	require.Len(t, attached(), 1)
	update := func(files file.Attachments) {
		_, err := h.CallMethod(t.Context(), "tasks.task.update", b24.Params{"taskId": task, "fields": b24.Params{"UF_TASK_WEBDAV_FILES": files}})
		require.NoError(t, err)
	}
	before := attached()[0]
	update(file.Drive(second.ID).Keep(before))
	require.Len(t, attached(), 2)
	assert.Equal(t, before, attached()[0])
	object, err := b24.Call[struct {
		ID   b24.ID      `json:"OBJECT_ID"`
		Link b24.FileURL `json:"DOWNLOAD_URL"`
	}](t.Context(), h, "disk.attachedObject.get", b24.Params{"id": attached()[1]})
	require.NoError(t, err)
	assert.Equal(t, second.ID, object.ID)
	_, err = down(t, h, object.Link)
	require.ErrorIs(t, err, b24.ErrFileURL, "it has credentials of its own in the query")
	harmless(t, err, p.Secret())
	got, err := down(t, h, driveFile(t, h, object.ID).Link)
	require.NoError(t, err)
	assert.Equal(t, "b", got)
	update(file.Drive(second.ID))
	assert.Len(t, attached(), 1, "the first one is detached")
}

// A large file goes up and comes down, with cuts at many places, and memory stays flat.
func TestFakeLargeFile(t *testing.T) { //nolint:paralleltest // it measures memory
	mib := mebibytes()
	size := mib << 20
	p := b24test.NewPortal(t)
	h, err := b24.FromWebhookURL(p.WebhookURL(), b24.WithRetry(b24.RetryPolicy{BaseDelay: 1, MaxDelay: 1}))
	require.NoError(t, err)
	defer h.Close()
	stop := peak()
	start := time.Now()
	s, err := file.Upload(t.Context(), h, file.Folder(b24.IDOf(p.SeedFolder(""))), file.File{Name: "big.bin", Body: b24test.FileContent(size)})
	up := time.Since(start)
	require.NoError(t, err)
	assert.Equal(t, size, int64(s.Size))
	assert.Equal(t, b24test.File{Size: size}.SHA256(), p.Files()[0].SHA256())

	for range 7 {
		p.Fault("download", b24test.CutBody(int(size/8)))
	}
	same := &comparing{t: t, want: io.NewSectionReader(b24test.FileContent(size), 0, size)}
	start = time.Now()
	info, err := file.Download(t.Context(), h, s.Link, same, file.WithSize(size))
	took := time.Since(start)
	require.NoError(t, err)
	assert.Equal(t, size, info.Size)
	assert.Equal(t, 8, p.Calls("download"))
	most := stop()
	t.Logf("%d MiB: up %v, down %v with 7 breaks, at most %d MiB in use, client and portal together", mib, up, took, most)
	assert.Less(t, most, uint64(40))
}
