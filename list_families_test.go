package b24_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// familyList is a list that a portal reads in a way of its own (docs/protocol.md 16).
type familyList struct {
	method string
	params any
	rows   int
	seed   func(p *b24test.Portal)
	opts   []b24.ListOption
	key    string // what tells rows apart; ID or id otherwise
}

// Each is read to its end, each row once.
func TestListsOfFamiliesThatReadAFilterTheirOwnWay(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]familyList{
		"items by several contacts": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"@contactIds": []int{1, 2}}},
		},
		"items by several contacts, nested": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"0": b24.Params{"logic": "OR", "0": b24.Params{"contactIds": []int{1, 2}}, "1": b24.Params{"title": "x"}}}},
		},
		"items by several contacts, another order": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"contactIds": []int{1, 2}}, "order": b24.Params{"title": "ASC"}},
		},
		"items by several contacts, counted": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts, opts: []b24.ListOption{b24.WithProgress(func(b24.Progress) {})},
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"@contactIds": []int{1, 2}}},
		},
		"numerators":        {method: "documentgenerator.numerator.list", rows: 120, seed: seeded("documentgenerator.numerator", 120, nil)},
		"numerators of crm": {method: "crm.documentgenerator.numerator.list", rows: 120, seed: seeded("crm.documentgenerator.numerator", 120, nil)},
		"roles":             {method: "documentgenerator.role.list", rows: 120, seed: seeded("documentgenerator.role", 120, nil)},
		"open lines":        {method: "imopenlines.config.list.get", rows: 120, seed: seeded("imopenlines.config.list", 120, nil)},
		"workflow tasks by their users": {
			method: "bizproc.task.list", rows: 162, key: "ID+USER_ID", seed: tasksOfTwo(81),
			params: b24.Params{"SELECT": []string{"ID", "NAME", "USER_ID", "USER_STATUS"}},
		},
		"workflow tasks in the order of their users": {
			method: "bizproc.task.list", rows: 162, key: "none", seed: tasksOfTwo(81),
			params: b24.Params{"ORDER": b24.Params{"USER_ID": "DESC"}},
		},
		"workflow tasks, a group that the portal drops": {
			method: "bizproc.task.list", rows: 81, seed: tasksOfTwo(81),
			params: b24.Params{"FILTER": b24.Params{"NAME": "a", "0": b24.Params{"USER_ID": []int{5, 6}}}},
		},
		"relations":          {method: "sale.propertyrelation.list", rows: 120, key: "propertyId+entityId+entityType", seed: relations(120)},
		"activities of two":  {method: "crm.activity.list", rows: 130, seed: activitiesOfTwo(130), params: activitiesByBindings()},
		"comments":           {method: "crm.timeline.comment.list", rows: 130, seed: seeded("crm.timeline.comment", 130, b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}), params: b24.Params{"filter": b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}}},
		"recurring deals":    {method: "crm.deal.recurring.list", rows: 130, seed: seeded("crm.deal.recurring", 130, nil)},
		"recurring, falling": {method: "crm.deal.recurring.list", rows: 130, seed: seeded("crm.deal.recurring", 130, nil), opts: []b24.ListOption{b24.WithDescending()}},
		"messages of a log": {
			method: "crm.timeline.logmessage.list", rows: 95, seed: seeded("crm.timeline.logmessage", 95, b24.Params{"entityTypeId": 2, "entityId": 1}),
			params: b24.Params{"entityTypeId": 2, "entityId": 1},
		},
		"custom fields": {
			method: "userfieldconfig.list", rows: 60, seed: seeded("userfieldconfig", 60, b24.Params{"entityId": "CRM_DEAL"}),
			params: b24.Params{"moduleId": "crm", "select": []string{"FIELD_NAME"}, "filter": b24.Params{"entityId": "CRM_DEAL"}},
		},
		"stores that are hidden": {method: "catalog.store.list", rows: 120, seed: hidden("catalog.store", 120, 40), params: b24.Params{"order": b24.Params{"title": "ASC"}}},
		"templates of two types": {
			method: "crm.documentgenerator.template.list", rows: 120, seed: templatesOfTwo(120),
			params: b24.Params{"filter": b24.Params{"entityTypeId": []int{2, 4}}},
		},
		"groups of properties": {method: "sale.propertygroup.list", rows: 120, seed: seeded("sale.propertygroup", 120, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, h := newPortal(t)
			f.seed(p)
			var report b24.ListReport
			got, err := b24.Collect(b24.List[map[string]any](t.Context(), h, f.method, f.params, append(f.opts, b24.WithReport(&report))...))
			require.NoError(t, err)
			assert.Len(t, got, f.rows)
			assert.True(t, report.Complete)
			if f.key != "none" { // the rows are alike
				assert.Len(t, distinct(t, got, f.key), f.rows)
			}
		})
	}
}

func seeded(entity string, n int, fields b24.Params) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN(entity, n, func(int) b24.Params {
			row := b24.Params{}
			maps.Copy(row, fields)
			return row
		})
	}
}

func itemsOfContacts(p *b24test.Portal) {
	p.SeedN("crm.item:2", 300, func(i int) b24.Params { return b24.Params{"title": fmt.Sprint("t", i%7), "contactIds": []int{1, 2}} })
	p.SeedN("crm.item:2", 20, func(int) b24.Params { return b24.Params{"title": "y", "contactIds": []int{3}} })
}

func tasksOfTwo(n int) func(*b24test.Portal) {
	user := func(id, status int) b24.Params { return b24.Params{"USER_ID": id, "USER_STATUS": status} }
	return seeded("bizproc.task", n, b24.Params{"NAME": "a", "USERS": []b24.Params{user(5, 0), user(6, 1)}})
}

func relations(n int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN("sale.propertyrelation", n, func(i int) b24.Params {
			return b24.Params{"propertyId": i / 40, "entityId": i % 40, "entityType": "P"}
		})
	}
}

func owner(kind, id int) b24.Params { return b24.Params{"OWNER_TYPE_ID": kind, "OWNER_ID": id} }

func activitiesOfTwo(n int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		seeded("crm.activity", n, b24.Params{"SUBJECT": "both", "BINDINGS": []b24.Params{owner(2, 5), owner(3, 6)}})(p)
		seeded("crm.activity", 20, b24.Params{"SUBJECT": "other", "BINDINGS": []b24.Params{owner(2, 7)}})(p)
	}
}

func activitiesByBindings() b24.Params {
	return b24.Params{"filter": b24.Params{"BINDINGS": []b24.Params{owner(2, 5), owner(3, 6)}}}
}

func hidden(entity string, n, more int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN(entity, n, func(i int) b24.Params { return b24.Params{"title": strconv.Itoa(i)} })
		for range more {
			p.SeedHidden(entity, b24.Params{"title": "hidden"})
		}
	}
}

func templatesOfTwo(n int) func(*b24test.Portal) {
	return seeded("crm.documentgenerator.template", n, b24.Params{"entityTypeId": []int{2, 4}})
}

// distinct are the rows that differ by the fields of key.
func distinct(t *testing.T, rows []map[string]any, key string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range rows {
		if key == "" {
			key = "id"
			if _, ok := row["ID"]; ok {
				key = "ID"
			}
		}
		var text strings.Builder
		for field := range strings.SplitSeq(key, "+") {
			v, ok := row[field]
			require.True(t, ok, "%s of %v", field, row)
			fmt.Fprint(&text, v, " ")
		}
		seen[text.String()] = true
	}
	return seen
}

// The records of recent chats are made dialogs behind the limit: a dialog at the edge of two pages comes on both.
func TestRecentDialogsAreReadOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for i := range 250 {
		p.Seed("im.recent",
			b24.Params{"id": fmt.Sprint("chat", i), "title": "new", "date_update": 1000 - 2*i},
			b24.Params{"id": fmt.Sprint("chat", i+1), "title": "old", "date_update": 999 - 2*i})
	}
	got, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.recent.list", nil))
	require.NoError(t, err)
	assert.Len(t, distinct(t, got, ""), 251)
	assert.Len(t, got, 251)
}

// An offset confirms events: the portal deletes what lies below it.
func TestEventsAreNotReadAsLists(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"imbot.v2.Event.get", "im.v2.Event.get"} {
		p, h := newPortal(t)
		p.SeedN(strings.TrimSuffix(method, ".get"), 150, nil)
		_, err := b24.Collect(b24.List[json.RawMessage](t.Context(), h, method, b24.Params{"botId": 1, "botToken": "x"}))
		require.ErrorIs(t, err, b24.ErrInvalidParams, method)
		assert.Empty(t, p.Requests(), method)
	}
}

func TestListByPositionNamesTheMethodThatGivesAll(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("task.item", 60, func(int) b24.Params { return b24.Params{"TITLE": "A"} })
	for _, opts := range [][]b24.ListOption{nil, {b24.WithPaging(b24.PagingKeyset)}} {
		_, err := h.CallListMethod(t.Context(), "task.item.list", nil, opts...)
		require.ErrorContains(t, err, "call tasks.task.list")
	}
}
