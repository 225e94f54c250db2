package proof_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// listed are list methods of the families of docs/protocol.md 5.2: how the rows of each
// are seeded, what a call needs, and what the ids are called.
func listed() []listedMethod {
	list := []listedMethod{
		{method: "crm.item.list", entity: "crm.item:2", params: b24.Params{"entityTypeId": 2}, id: "id"},
		{
			method: "crm.item.productrow.list", params: b24.Params{"filter": b24.Params{"=ownerId": 1, "=ownerType": "D"}}, id: "id",
			row: b24.Params{"ownerId": 1, "ownerType": "D"},
		},
		{method: "crm.stagehistory.list", params: b24.Params{"entityTypeId": 2}, id: "ID"},
		{method: "crm.type.list", id: "id"},
		{method: "crm.category.list", params: b24.Params{"entityTypeId": 130}, id: "id"},
		{method: "tasks.task.list", id: "id"},
		{method: "user.get", id: "ID"},
		{method: "user.search", id: "ID"},
		{method: "department.get", id: "ID"},
		{method: "sonet_group.get", id: "ID"},
		{method: "socialnetwork.api.workgroup.list", id: "id"},
		{method: "entity.item.get", id: "ID", params: b24.Params{"ENTITY": "menu"}},
		{method: "lists.element.get", id: "ID", params: b24.Params{"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": 7}},
		{method: "userfieldconfig.list", id: "id", params: b24.Params{"moduleId": "crm"}},
		{method: "disk.folder.getchildren", id: "ID", params: b24.Params{"id": 1}},
		{method: "disk.storage.getlist", id: "ID"},
		{method: "bizproc.workflow.instances", id: "ID"},
		{method: "bizproc.workflow.template.list", id: "ID"},
		{method: "bizproc.task.list", id: "ID"},
		{method: "voximplant.statistic.get", id: "ID"},
		{method: "event.offline.list", id: "ID"},
		{method: "crm.status.list", id: "ID"},
		{method: "crm.currency.list", id: "CURRENCY"},
		{method: "crm.deal.userfield.list", id: "ID"},
		{method: "catalog.product.list", id: "id", row: b24.Params{"iblockId": 5}, params: b24.Params{
			"select": []string{"id", "iblockId"}, "filter": b24.Params{"iblockId": 5},
		}},
		{method: "documentgenerator.document.list", id: "id"},
		{method: "im.recent.list", id: "id"},
		{method: "im.dialog.messages.get", id: "id", params: b24.Params{"DIALOG_ID": "chat29"}},
		{method: "im.dialog.users.list", id: "id", params: b24.Params{"DIALOG_ID": "chat29"}},
		{method: "log.blogcomment.user.get", id: "id"},
		{method: "landing.site.getList", id: "ID"},
		{method: "crm.address.list", id: "ENTITY_ID", row: b24.Params{"TYPE_ID": 1, "ENTITY_TYPE_ID": 8}},
	}
	for _, name := range []string{"deal", "lead", "contact", "company", "quote", "activity", "requisite", "timeline.comment"} {
		list = append(list, listedMethod{method: "crm." + name + ".list", id: "ID"})
	}
	for _, name := range []string{"catalog.price", "catalog.store", "catalog.document", "sale.order", "sale.basketitem", "sale.payment", "sale.shipment"} {
		list = append(list, listedMethod{method: name + ".list", id: "id"})
	}
	return list
}

type listedMethod struct {
	method string
	entity string // as b24test knows it, where that is not the method
	id     string
	params b24.Params
	row    b24.Params // fields of all rows
}

// seeded has n rows with ids that leave gaps, and the ids as the portal knows them.
func (l listedMethod) seeded(t *testing.T, n int, opts ...b24test.Option) (*b24test.Portal, []string) {
	t.Helper()
	p := b24test.NewPortal(t, append([]b24test.Option{b24test.WithMemory()}, opts...)...)
	entity := l.entity
	if entity == "" {
		entity = l.method
	}
	textual := l.id == "CURRENCY" || l.method == "bizproc.workflow.instances" || l.method == "im.recent.list"
	p.SeedN(entity, n, func(i int) b24.Params {
		row := b24.Params{}
		maps.Copy(row, l.row)
		row[l.id] = 3*i + 1
		if textual {
			row[l.id] = fmt.Sprintf("%x.%d", (i*7919)%1009, i)
		}
		return row
	})
	rows := p.Rows(entity)
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = fmt.Sprint(row[l.id])
	}
	return p, ids
}

func (l listedMethod) read(t *testing.T, h *b24.Hook, opts ...b24.ListOption) ([]string, error) {
	t.Helper()
	var ids []string
	for row, err := range b24.List[map[string]any](t.Context(), h, l.method, l.params, opts...) {
		if err != nil {
			return ids, err
		}
		ids = append(ids, text(row[l.id]))
	}
	return ids, nil
}

// atOnce tells whether the portal answers with all rows.
func (l listedMethod) atOnce() bool {
	return slices.Contains([]string{
		"crm.category.list", "crm.status.list", "crm.currency.list", "crm.deal.userfield.list", "im.recent.list", "landing.site.getList",
	}, l.method)
}

// bare tells whether the result is the rows and no object with them.
func (l listedMethod) bare(t *testing.T) bool {
	t.Helper()
	p, _ := l.seeded(t, 1)
	r, err := newHook(t, p).CallMethod(t.Context(), l.method, l.params)
	require.NoError(t, err)
	var rows []any
	return r.Decode(&rows) == nil
}

func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// Every family of lists is read as a whole, whatever its peculiarities, in every
// way that it allows; a way that it does not allow is an error and no short list.
func TestEveryFamilyIsReadAsAWhole(t *testing.T) {
	t.Parallel()
	ways := map[string][]b24.ListOption{
		"auto":   nil,
		"ranges": {b24.WithConcurrency(4)},
		"keyset": {b24.WithPaging(b24.PagingKeyset)},
		"offset": {b24.WithPaging(b24.PagingOffset)},
	}
	for _, l := range listed() {
		t.Run(l.method, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{0, 50, 120, 1, 300}[:size(3, 5, 5)] {
				for name, opts := range ways {
					p, want := l.seeded(t, n)
					var report b24.ListReport
					got, err := l.read(t, newHook(t, p), append(opts, b24.WithReport(&report))...)
					if failed := new(b24.ListError); name != "auto" && errors.As(err, &failed) {
						continue
					}
					require.NoError(t, err, "%s %d", name, n)
					assert.True(t, report.Complete, "%s %d", name, n)
					slices.Sort(got)
					slices.Sort(want)
					assert.Equal(t, want, append([]string{}, got...), "%s %d", name, n)
				}
			}
		})
	}
}

// A portal that lies about its lists is found out: all rows, or an error.
func TestLiesAboutLists(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]b24test.Fault{
		"reversed": b24test.Reversed(), "repeated": b24test.Repeated(), "filter ignored": b24test.FilterIgnored(), "without ids": b24test.WithoutIDs(),
		"null rows": b24test.NullRows(), "null row": b24test.NullRow(), "no rows key": b24test.RowsUnder(""), "another rows key": b24test.RowsUnder("elements"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, l := range listed() {
				if l.atOnce() || name == "null row" && l.method == "crm.address.list" {
					continue // what is one answer, or has no ids, is handed out as it came
				}
				for from := 0; from < 4; from += size(2, 1, 1) { // the page from which on it lies
					if name == "no rows key" && (from == 0 || l.bare(t)) {
						continue // that is an empty list
					}
					p, want := l.seeded(t, 300)
					for range from {
						p.Fault(l.method, b24test.Pass())
					}
					p.Fault(l.method, fault.Always())
					got, err := l.read(t, newHook(t, p))
					var failed *b24.ListError
					if err != nil {
						require.True(t, errors.As(err, &failed) || errors.Is(err, b24.ErrInvalidParams), "%s: %v", l.method, err)
						continue
					}
					slices.Sort(got)
					slices.Sort(want)
					assert.Equal(t, want, append([]string{}, got...), "%s from %d", l.method, from)
				}
			}
		})
	}
}
