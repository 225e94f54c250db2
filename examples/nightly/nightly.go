package main

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/b24go/b24"
)

const (
	dealType   = 2               // entityTypeId of deals
	mark       = "ufCrmExported" // the field of the mark in crm.item.*
	markStored = "UF_CRM_EXPORTED"
)

// deal has the fields that are exported, and the mark.
type deal struct {
	ID       b24.ID           `json:"id"`
	Title    string           `json:"title"`
	Stage    string           `json:"stageId"`
	Amount   b24.Float        `json:"opportunity"`
	Currency string           `json:"currencyId"`
	Contacts b24.Rows[b24.ID] `json:"contactIds"`
	Updated  b24.DateTime     `json:"updatedTime"`
	Mark     b24.Null[string] `json:"ufCrmExported"`
}

// sum identifies the exported content of the deal. The id belongs to it because a copy of a deal has
// the mark of the original.
func (d deal) sum() string {
	text := fmt.Sprintf("%s %q %q %v %q %q", d.ID, d.Title, d.Stage, d.Amount, d.Currency, slices.Sorted(slices.Values(d.Contacts)))
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:8])
}

// night does one run.
func night(ctx context.Context, w io.Writer, hook *b24.Hook, s settings) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.deadline, fmt.Errorf("the run took longer than %v: %w", s.deadline, context.DeadlineExceeded))
	defer cancel()
	n := &nightly{client: hook, dir: s.dir, file: filepath.Join(s.dir, "nightly.state")}
	unlock, err := lock(n.file + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := n.load(hook.TargetOrigin(), time.Now().Add(-s.since)); err != nil {
		return err
	}
	if err := n.run(ctx, w, s.overlap); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return nil
}

// nightly is one run.
type nightly struct {
	client    b24.Client
	dir, file string
	state     state
}

func (n *nightly) run(ctx context.Context, w io.Writer, overlap time.Duration) error {
	if err := errors.Join(n.checkField(ctx), n.publish()); err != nil { // publish what the last run left
		return err
	}
	// A deal that changes while the list is read may be missed, but its time is then not before this one.
	newest, err := n.newest(ctx)
	if err != nil {
		return err
	}
	changed, err := n.changed(ctx)
	if err != nil {
		return err
	}
	if from := newest.Add(-overlap); from.After(n.state.From.Time) {
		n.state.From = b24.DateTimeOf(from)
	}
	if len(changed) > 0 {
		phones, err := n.phones(ctx, w, changed)
		if err != nil {
			return err
		}
		if err := errors.Join(n.store(changed, phones), n.publish()); err != nil {
			return err
		}
	}
	return errors.Join(tell(w, "%d deals exported\n", len(changed)), n.mark(ctx, w))
}

// checkField reports a portal without the field of the mark: it would silently drop every mark.
func (n *nightly) checkField(ctx context.Context) error {
	fields, err := b24.Call[b24.Map[json.RawMessage]](ctx, n.client, "crm.item.fields", b24.Params{"entityTypeId": dealType}, b24.WithResultKey("fields"))
	if err == nil && fields[mark] == nil {
		err = fmt.Errorf("%w: deals have no field %s: create it as a text, with crm.deal.userfield.add or in the settings of the CRM", errSettings, markStored)
	}
	return err
}

// newest returns the time of the portal's last change of a deal; zero if it has none. The clock of
// this machine may differ.
func (n *nightly) newest(ctx context.Context) (b24.DateTime, error) {
	deals, err := b24.Call[[]deal](ctx, n.client, "crm.item.list", b24.Params{
		"entityTypeId": dealType,
		"select":       []string{"id", "updatedTime"},
		"order":        b24.Params{"updatedTime": "DESC"},
		"start":        b24.NoCount,
	}, b24.WithResultKey("items"))
	if err != nil || len(deals) == 0 {
		return b24.DateTime{}, err
	}
	return deals[0].Updated, nil
}

// changed returns the deals whose content is not exported yet. crm.item.list refuses a misspelled
// field of a filter; crm.deal.list would read all deals instead.
func (n *nightly) changed(ctx context.Context) ([]deal, error) {
	var changed []deal
	for d, err := range b24.List[deal](ctx, n.client, "crm.item.list", b24.Params{
		"entityTypeId": dealType,
		"select":       []string{"id", "title", "stageId", "opportunity", "currencyId", "contactIds", "updatedTime", mark},
		"filter":       b24.Params{">=updatedTime": n.state.From},
	}) {
		if err != nil {
			return nil, err
		}
		if sum := d.sum(); d.Mark.V != sum && n.state.Due[d.ID] != sum {
			changed = append(changed, d)
		}
	}
	return changed, nil
}

// phones returns the phones of the deals' contacts, by the id of the contact.
func (n *nightly) phones(ctx context.Context, w io.Writer, deals []deal) (map[b24.ID][]string, error) {
	wanted := map[b24.ID]bool{}
	for _, d := range deals {
		for _, id := range d.Contacts {
			wanted[id] = true
		}
	}
	phones := make(map[b24.ID][]string, len(wanted))
	for contact, err := range b24.List[struct {
		ID    b24.ID
		Phone b24.Rows[b24.Multifield]
	}](ctx, n.client, "crm.contact.list", b24.Params{
		"filter": b24.Params{"@ID": slices.Collect(maps.Keys(wanted))}, // no ids: no request
		"select": []string{"ID", "PHONE"},                              // phones come only if they are named
	}) {
		if err != nil {
			return nil, err
		}
		list := []string{}
		for _, phone := range contact.Phone {
			list = append(list, phone.Value)
		}
		phones[contact.ID] = list
	}
	if missing := len(wanted) - len(phones); missing > 0 {
		return phones, tell(w, "%d contacts cannot be read: their phones are missing\n", missing)
	}
	return phones, nil
}

// store stores the rows, and then a state that names them. From then on they are exported, however
// the run ends.
func (n *nightly) store(deals []deal, phones map[b24.ID][]string) error {
	name, err := n.unusedName(time.Now().Format(time.DateOnly))
	if err != nil {
		return err
	}
	f, err := os.OpenFile(n.part(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	out := csv.NewWriter(f)
	rows := [][]string{{"ID", "Title", "Stage", "Amount", "Currency", "Changed", "Phones"}}
	for _, d := range deals {
		var all []string
		for _, id := range d.Contacts {
			all = append(all, phones[id]...)
		}
		rows = append(rows, []string{
			string(d.ID), d.Title, d.Stage, fmt.Sprint(d.Amount), d.Currency, d.Updated.Format(time.RFC3339), strings.Join(all, " "),
		})
		n.state.Due[d.ID] = d.sum()
	}
	if err := errors.Join(out.WriteAll(rows), f.Sync(), f.Close()); err != nil {
		return err
	}
	n.state.File = name
	return n.save()
}

// publish gives the stored rows their name. If the run ended after that, there are none to rename.
func (n *nightly) publish() error {
	if n.state.File == "" {
		return nil
	}
	err := os.Rename(n.part(), filepath.Join(n.dir, n.state.File))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	n.state.File = ""
	return n.save() // before other rows are stored in the same place
}

// mark writes the marks that are due. A refused one stays due, and does not keep the others out.
func (n *nightly) mark(ctx context.Context, w io.Writer) error {
	marked, due := 0, slices.Sorted(maps.Keys(n.state.Due))
	var failure error
	update := func(id b24.ID) b24.Command {
		return b24.Command{Method: "crm.item.update", Params: b24.Params{
			"entityTypeId": dealType, "id": id, "fields": b24.Params{mark: n.state.Due[id]},
		}}
	}
	// The same mark twice is the same mark: a lost answer is repeated.
	for id, reply := range b24.Each[json.RawMessage](ctx, n.client, slices.Values(due), update, b24.WithIdempotent()) {
		switch {
		case reply.Err == nil:
			marked++
			delete(n.state.Due, id)
		case errors.Is(reply.Err, b24.ErrNotFound): // the deal was deleted
			delete(n.state.Due, id)
		default:
			failure = fmt.Errorf("deal %s: %w", id, reply.Err)
		}
	}
	if left := len(n.state.Due); left > 0 {
		failure = fmt.Errorf("%d deals are exported and not marked, the next run tries again: %w", left, failure)
	}
	return errors.Join(n.save(), tell(w, "%d deals marked\n", marked), failure)
}

func tell(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return err
}
