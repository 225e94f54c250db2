package b24

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/b24go/b24/internal/redact"
)

// Batch collects commands with typed results, in the order they are added. The zero value is ready
// to use. A Batch belongs to one goroutine and can be sent once. It holds up to 50 commands for
// [Hook.CallBatch], and any number for [Hook.CallBatchByChunk].
type Batch struct {
	list []Command
	id   string // id of the references to its commands
	sent bool
	done *BatchResult

	secrets *redact.Secrets // secrets of the client that it was last passed to; nil: none
}

func (b *Batch) commands() ([]Command, error) {
	if b == nil {
		return nil, ErrEmptyBatch
	}
	if b.sent {
		return nil, ErrBatchSent
	}
	return b.list, nil
}

// Add queues a command. Its result is kept as sent.
func (b *Batch) Add(method string, params any) *Pending[json.RawMessage] {
	return Queue[json.RawMessage](b, method, params)
}

// Queue queues a command whose result, or the part of it that path leads to, is decoded into a T:
// Queue[Deal](b, "crm.item.get", params, "item").
func Queue[T any](b *Batch, method string, params any, path ...string) *Pending[T] {
	if b.id == "" {
		b.id = rand.Text()
	}
	b.list = append(b.list, Command{Method: method, Params: params})
	return &Pending[T]{batch: b, index: len(b.list) - 1, path: path}
}

// Pending is a command of a [Batch] and, once the batch has run, its result. A nil *Pending counts
// as never queued: it never runs, and a reference to it is refused.
type Pending[T any] struct {
	batch *Batch
	index int
	path  []string
}

// Get returns the result, or the error of the command. Before the batch has run, or if it stopped
// earlier, the error matches [ErrNotExecuted]; while it runs, or after a panic, [ErrNoAnswer].
func (p *Pending[T]) Get() (T, error) {
	r := p.Result()
	if r == nil {
		var zero T
		return zero, p.missing()
	}
	return Decode[T](r, p.path...)
}

// missing returns the reason why there is no result.
func (p *Pending[T]) missing() error {
	if !p.queued() {
		return ErrNotExecuted
	}
	err := ErrNotExecuted
	if p.batch.sent && p.batch.done == nil {
		err = ErrNoAnswer
	}
	return &methodError{method: p.batch.secrets.Text(p.batch.list[p.index].Method), err: err}
}

func (p *Pending[T]) queued() bool { return p != nil && p.batch != nil }

// Result returns the answer to the command. It is nil before the batch has run, and for a command
// added after that.
func (p *Pending[T]) Result() *AjaxResult {
	if !p.queued() || p.batch.done == nil || p.index >= p.batch.done.Len() {
		return nil
	}
	return p.batch.done.At(p.index)
}

// Ref returns a value for the parameters of a later command of the same batch. path selects it in
// the part of the result that this command was queued with, or in the whole result if path begins
// with the path to that part. After Queue(b, "crm.item.add", params, "item"), Ref("id") and
// Ref("item", "id") are the same. Names are strings, and positions in a list are ints. The portal
// fills in the value, always as a whole value, never as a part of a text. If the earlier command
// fails, this one is not sent, whatever [WithHaltOnError] says.
//
// The value must be a text, a number or a bool. A list is allowed only if a filter expects one:
// under a name with @ or !@, and under "in" of REST 3.0. If the value turns out to be something
// else, or to be missing, the later command fails with an error that matches [ErrReference], and so
// does every command that refers to it; the portal may have executed them with another value.
//
// In REST 3.0, a path starts inside item or items, with or without that name: Ref("item", "id") is
// Ref("id").
func (p *Pending[T]) Ref(path ...any) Ref {
	if !p.queued() {
		return Ref{}
	}
	return Ref{batch: p.batch.id, command: p.index, path: within(p.path, path)}
}

// within returns a path that starts at the whole result: path itself if it begins with part,
// otherwise part followed by path.
func within(part []string, path []any) []any {
	begins := len(path) >= len(part)
	whole := make([]any, 0, len(part)+len(path))
	for i, step := range part {
		begins = begins && isStep(path[i], step)
		whole = append(whole, step)
	}
	if begins {
		return path
	}
	return append(whole, path...)
}

func isStep(step any, name string) bool {
	switch step := step.(type) {
	case string:
		return step == name
	case int:
		return strconv.Itoa(step) == name
	default:
		return false
	}
}

// RefAll refers to the values of one field in all rows of a list, as a list: RefAll("id") for a
// command that returns items. Only REST 3.0 supports it. The batch fails if the list is empty.
func (p *Pending[T]) RefAll(path ...any) Ref {
	r := p.Ref(path...)
	r.all = true
	return r
}

// Command is one call of a batch.
type Command struct {
	// Name identifies the result. If it is empty, the position of the command does. It must be
	// unique in a batch. Errors contain it, so a name that contains a webhook's secret is refused.
	Name string
	// Method is the method to call. batch, upload and download are refused.
	Method string
	// Params are the parameters, as for [Hook.CallMethod].
	Params any
}

// Calls is the content of a batch: [Commands], [NamedCommands] or a [*Batch].
type Calls interface {
	commands() ([]Command, error)
}

// Commands is a batch in the order of the slice.
type Commands []Command

func (c Commands) commands() ([]Command, error) { return c, nil }

// NamedCommands is a batch of commands by name. It runs in the order of the names; the field Name
// of a [Command] is ignored.
type NamedCommands map[string]Command

func (c NamedCommands) commands() ([]Command, error) {
	list := make([]Command, 0, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		if name == "" {
			return nil, &ParamsError{Method: "batch", Problem: "a command's name is empty"}
		}
		command := c[name]
		command.Name = name
		list = append(list, command)
	}
	return list, nil
}

// BatchResult holds one answer for each command of a batch, in their order. It is safe for
// concurrent use. A nil *BatchResult has no answers, and [BatchResult.Err] says so.
type BatchResult struct {
	rows  []*AjaxResult
	names []string
	chunk chunk // describes the requests it took

	entered sync.Once
	byName  map[string]int
}

// Len returns the number of commands given.
func (r *BatchResult) Len() int {
	if r == nil {
		return 0
	}
	return len(r.rows)
}

// At returns the answer to the command at position i, counted from 0; never nil. [AjaxResult.Err]
// returns how the command failed; the error matches [ErrNotExecuted] if the batch stopped earlier.
// At panics if i is out of range. If r is nil, At returns an empty [AjaxResult].
func (r *BatchResult) At(i int) *AjaxResult {
	if r == nil {
		return new(AjaxResult)
	}
	return r.rows[i]
}

// Get returns the answer to the command with that name. The name of an unnamed command is its
// position.
func (r *BatchResult) Get(name string) (*AjaxResult, bool) {
	if r == nil {
		return nil, false
	}
	r.entered.Do(r.enter)
	i, ok := r.byName[name]
	if !ok {
		return nil, false
	}
	return r.rows[i], true
}

// enter builds the index for Get, which may be called for thousands of commands.
func (r *BatchResult) enter() {
	r.byName = make(map[string]int, len(r.rows))
	for i := range r.rows {
		r.byName[r.name(i)] = i
	}
}

// All yields names and answers in the order of the commands.
func (r *BatchResult) All() iter.Seq2[string, *AjaxResult] {
	return func(yield func(string, *AjaxResult) bool) {
		for i := range r.Len() {
			if !yield(r.name(i), r.rows[i]) {
				return
			}
		}
	}
}

func (r *BatchResult) name(i int) string {
	if r.names[i] != "" {
		return r.names[i]
	}
	return strconv.Itoa(i)
}

// Err returns a [*BatchError] if a command failed or was not executed, and nil otherwise. If r is
// nil, it returns the error of an empty [AjaxResult].
func (r *BatchResult) Err() error {
	if r == nil {
		return errNoAnswer
	}
	var e BatchError
	for i, row := range r.rows {
		switch a := row.there(); {
		case a.err == nil:
			e.succeeded++
		case notExecuted(a.err):
			e.NotExecuted = append(e.NotExecuted, i)
		default:
			e.Failed = append(e.Failed, CommandError{Index: i, Name: r.names[i], Method: a.query.method, Err: a.err})
		}
	}
	if e.succeeded == len(r.rows) {
		return nil
	}
	return &e
}

// Time returns the portal's timing of the last request that the batch took.
func (r *BatchResult) Time() Timing {
	if r == nil {
		return Timing{}
	}
	return r.chunk.time
}

// Format writes the number of commands, never the contents of the answers.
func (r *BatchResult) Format(f fmt.State, _ rune) {
	write(f, "b24.BatchResult("+strconv.Itoa(r.Len())+" commands)")
}
