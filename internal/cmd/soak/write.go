package main

import (
	"fmt"
	"strings"

	"github.com/b24go/b24" //nolint:depguard // it soaks the public API
)

// kind is a way to create a row that carries a marker.
type kind struct {
	method string
	fields func(marker string) b24.Params // all the parameters
	path   []string                       // to the id in the result
}

func dealKind() kind {
	return kind{"crm.deal.add", func(marker string) b24.Params {
		return b24.Params{"fields": b24.Params{"TITLE": marker, "PASSWORD": paramSecret, "COMMENTS": "a&b=c #1 %41"}}
	}, nil}
}

func contactKind() kind {
	return kind{"crm.contact.add", func(marker string) b24.Params {
		return b24.Params{"fields": b24.Params{"NAME": marker}}
	}, nil}
}

func itemKind() kind {
	return kind{"crm.item.add", func(marker string) b24.Params {
		return b24.Params{"entityTypeId": itemType, "fields": b24.Params{"title": marker}}
	}, []string{"item", "id"}}
}

func taskKind() kind {
	return kind{"tasks.task.add", func(marker string) b24.Params {
		return b24.Params{"fields": b24.Params{"title": marker, "creatorId": 1, "responsibleId": 1}}
	}, []string{"item", "id"}}
}

// batchMethods returns the methods that occur in batches of the classic API, where faults may hit
// their commands.
func batchMethods() []string {
	return []string{"crm.deal.add", "crm.item.add", "crm.contact.add", "crm.company.get", "crm.company.list", "crm.item.list", "crm.contact.list", "crm.deal.get"}
}

// newMarker returns a text that no other write carries.
func (w *worker) newMarker() string {
	w.made++
	return fmt.Sprintf("mark-%s-%d", w.name, w.made)
}

func isMarker(text string) bool { return strings.HasPrefix(text, "mark-") }

// classic chooses a kind of the classic API.
func (w *worker) classic() kind {
	return []kind{dealKind(), itemKind(), contactKind()}[w.rnd.IntN(3)]
}

// add performs one write as a separate call.
func (w *worker) add() {
	k := w.classic()
	var opts []b24.CallOption
	how := k.method
	if w.oneIn(5) {
		opts, how = append(opts, b24.WithoutRetry()), how+", once"
	}
	w.write(w.hook, k, how, opts...)
}

// addV3 is add for REST 3.0, half of the calls with keys of the caller.
func (w *worker) addV3() {
	k, how := taskKind(), "v3 tasks.task.add"
	if w.oneIn(2) {
		marker := w.newMarker()
		w.writeAs(marker, w.hook.V3(), k, how+", own key", b24.WithIdempotencyKey(marker))
		return
	}
	w.write(w.hook.V3(), k, how)
}

func (w *worker) write(c b24.Client, k kind, how string, opts ...b24.CallOption) {
	w.writeAs(w.newMarker(), c, k, how, opts...)
}

func (w *worker) writeAs(marker string, c b24.Client, k kind, how string, opts ...b24.CallOption) {
	w.ledger.begin(marker, how)
	ctx, cancel := w.ctx()
	defer cancel()
	r, err := c.CallMethod(ctx, k.method, k.fields(marker), opts...)
	w.told(marker, k, r, err)
	w.ended(how, err)
}

// told records what the caller of a write was told.
func (w *worker) told(marker string, k kind, r *b24.AjaxResult, err error) {
	switch {
	case err == nil:
		id, err := b24.Decode[b24.ID](r, k.path...)
		if err != nil {
			w.found.add(mixedUp, "%s: %s: no id in %s", marker, k.method, r.Raw())
		}
		w.ledger.done(marker, string(id))
	case !b24.MayHaveExecuted(err):
		w.ledger.notDone(marker, err)
	}
}

// get reads one company.
func (w *worker) get() {
	ctx, cancel := w.ctx()
	defer cancel()
	id := w.company()
	got, err := b24.Call[row](ctx, w.hook, "crm.company.get", b24.Params{"id": id})
	if err == nil && string(got.ID) != id {
		w.found.add(mixedUp, "crm.company.get of %s: row %s", id, got.ID)
	}
	w.ended("crm.company.get", err)
}

func (w *worker) company() string { return w.stage.gets[w.rnd.IntN(len(w.stage.gets))] }

// getV3 reads one record of REST 3.0.
func (w *worker) getV3() {
	ctx, cancel := w.ctx()
	defer cancel()
	ids := w.tableOf("log").ids
	id := ids[w.rnd.IntN(len(ids))]
	got, err := b24.Call[row](ctx, w.hook.V3(), "main.eventlog.get", b24.Params{"id": id}, b24.WithResultKey("item"))
	if err == nil && string(got.ID) != id {
		w.found.add(mixedUp, "v3 main.eventlog.get of %s: row %s", id, got.ID)
	}
	w.ended("v3 main.eventlog.get", err)
}

// remove deletes a contact, so that its table changes.
func (w *worker) remove() {
	id, ok := w.stage.spare()
	if !ok {
		return
	}
	ctx, cancel := w.ctx()
	defer cancel()
	_, err := w.hook.CallMethod(ctx, "crm.contact.delete", b24.Params{"id": id})
	w.ended("crm.contact.delete", err)
}

// row is a row of which only the id matters; names match in any letter case.
type row struct {
	ID b24.ID `json:"ID"`
}
