package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"

	"github.com/b24go/b24"         //nolint:depguard // it soaks the public API
	"github.com/b24go/b24/b24test" //nolint:depguard // and needs a portal for it
)

// Entities of the portals. Rows of the first three are written with markers.
const (
	dealEntity = "crm.deal"
	itemEntity = "crm.item:150"
	taskEntity = "tasks.task" // of REST 3.0

	itemType = 150
)

// stage is the portal of one round and its contents.
type stage struct {
	portal *b24test.Portal
	tables []*table

	mu     sync.Mutex
	spared []string // contacts that may be deleted
	gets   []string // companies, to be read one by one
}

// newStage starts a portal with rows.
func (s *site) newStage(rnd *rand.Rand) error {
	portal, err := b24test.Start(append(s.limits, b24test.WithMemory(), b24test.WithCredentials(1, hookSecret))...)
	if err != nil {
		return err
	}
	st := &stage{portal: portal}
	st.still(rnd)
	st.changing(rnd)
	s.stage.Store(st)
	return nil
}

// still seeds tables that nobody changes.
func (st *stage) still(rnd *rand.Rand) {
	st.gets = st.seed(rnd, "crm.company", "ID", 2700)
	st.addTable("companies", "crm.company.list", b24.Params{"select": []string{"ID"}}, st.gets)
	st.addTable("items", "crm.item.list", b24.Params{"entityTypeId": 140, "select": []string{"id"}}, st.seed(rnd, "crm.item:140", "id", 700))
	st.addTable("users", "user.get", nil, st.seed(rnd, "user", "ID", 130))
	log := st.seedV3(rnd, "main.eventlog", 450)
	st.addTable("log", "main.eventlog.list", nil, log).v3 = true
	st.addTable("log's tail", "main.eventlog.tail", nil, log).v3 = true
}

// changing seeds tables in which rows come and go, except the rows it reports.
func (st *stage) changing(rnd *rand.Rand) {
	contacts := st.seed(rnd, "crm.contact", "ID", 1000)
	var stay []string
	for _, id := range contacts {
		if rnd.IntN(3) == 0 {
			st.spared = append(st.spared, id)
		} else {
			stay = append(stay, id)
		}
	}
	rnd.Shuffle(len(st.spared), func(i, j int) { st.spared[i], st.spared[j] = st.spared[j], st.spared[i] })
	st.addTable("contacts", "crm.contact.list", b24.Params{"select": []string{"ID"}}, stay).all = nil
	tasks := st.addTable("tasks", "tasks.task.list", nil, st.seedV3(rnd, taskEntity, 200))
	tasks.v3, tasks.all = true, nil
	st.portal.Seed(dealEntity, b24.Params{"TITLE": "seeded"})
	st.portal.Seed(itemEntity, b24.Params{"title": "seeded"})
}

func (st *stage) addTable(name, method string, params b24.Params, ids []string) *table {
	t := &table{name: name, method: method, params: params, ids: ids, all: map[string]bool{}}
	for _, id := range ids {
		t.all[id] = true
	}
	st.tables = append(st.tables, t)
	return t
}

// seed adds n rows with gaps between their ids to an entity.
func (st *stage) seed(rnd *rand.Rand, entity, key string, n int) []string {
	ids := gapped(rnd, n)
	for _, id := range ids {
		st.portal.Seed(entity, b24.Params{key: id})
	}
	return ids
}

func (st *stage) seedV3(rnd *rand.Rand, entity string, n int) []string {
	ids := gapped(rnd, n)
	for _, id := range ids {
		number, _ := strconv.Atoi(id)
		row := b24.Params{"id": number}
		if entity == taskEntity {
			maps.Copy(row, b24.Params{"title": "seeded", "creatorId": 1, "responsibleId": 1})
		}
		st.portal.V3().Seed(entity, row)
	}
	return ids
}

// gapped returns n ascending ids.
func gapped(rnd *rand.Rand, n int) []string {
	const gap = 4
	ids := make([]string, n)
	at := 0
	for i := range ids {
		at += 1 + rnd.IntN(gap)
		ids[i] = strconv.Itoa(at)
	}
	return ids
}

// spare takes a contact that may be deleted; false if none is left.
func (st *stage) spare() (string, bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.spared) == 0 {
		return "", false
	}
	id := st.spared[0]
	st.spared = st.spared[1:]
	return id, true
}

// book closes the portal and enters the rows that were written in the ledger.
func (st *stage) book(l *ledger) {
	st.portal.Close()
	for _, rows := range [][]b24.Params{
		titled(st.portal.Rows(dealEntity), "TITLE", "ID"), titled(st.portal.Rows("crm.contact"), "NAME", "ID"),
		titled(st.portal.Rows(itemEntity), "title", "id"), titled(st.portal.V3().Rows(taskEntity), "title", "id"),
	} {
		for _, row := range rows {
			l.row(fmt.Sprint(row["marker"]), fmt.Sprint(row["id"]))
		}
	}
}

// titled selects the rows with a marker.
func titled(rows []b24.Params, marker, id string) []b24.Params {
	picked := make([]b24.Params, 0, len(rows))
	for _, row := range rows {
		if isMarker(fmt.Sprint(row[marker])) {
			picked = append(picked, b24.Params{"marker": row[marker], "id": row[id]})
		}
	}
	return slices.Clip(picked)
}
