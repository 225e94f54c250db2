package proof_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// What the portal executes is exactly what the caller's values say, or nothing was sent: random programs over both
// APIs, in single calls, batches, chunks and streams.
func TestWritesSayWhatWasSaid(t *testing.T) {
	t.Parallel()
	n := truthSeeds(t, 800)
	met := map[string]int{}
	for seed := range uint64(n) {
		p := newScenario(t, seed)
		for range 1 + p.rng.IntN(4) {
			how, problem := p.step(t.Context())
			require.NoError(t, problem, "seed %d: %s", seed, how)
			met[how]++
		}
	}
	for _, way := range []string{"call", "batch", "chunks", "stream"} {
		for _, version := range []string{"v2", "v3"} {
			for _, end := range []string{"done", "refused"} {
				require.NotZero(t, met[way+" "+version+" "+end], "%s %s %s of %v", way, version, end, met)
			}
		}
	}
}

// scenario is random code against one portal.
type scenario struct {
	writer
	portal *b24test.Portal
	hook   *b24.Hook
	mu     sync.Mutex
	ran    []b24test.Request
}

func newScenario(t *testing.T, seed uint64) *scenario {
	t.Helper()
	portal, hook := newPortal(t)
	p := &scenario{writer: writer{rng: rand.New(rand.NewPCG(seed, 16))}, portal: portal, hook: hook}
	run := func(r b24test.Request) (any, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ran = append(p.ran, r)
		return b24.Params{"item": b24.Params{"id": 1000 + len(p.ran), "title": "x"}}, nil
	}
	for _, method := range []string{named1, positional1, positional2} {
		portal.Handle(method, run)
		portal.V3().Handle(method, run)
	}
	return p
}

const (
	named1      = "my.item.add"
	positional1 = "task.commentitem.delete"
	positional2 = "task.checklistitem.update"
)

// command is one call of a scenario.
type command struct {
	method string
	params any
	said   said
	bad    string
	mute   string
	id     string // of the record that it made
}

// step does one random thing and says how it went, and what is wrong with that.
func (p *scenario) step(ctx context.Context) (string, error) {
	p.ran = p.ran[:0]
	version := oneOf(&p.writer, "v2", "v3")
	var c b24.Client = p.hook
	if version == "v3" {
		c = p.hook.V3()
	}
	way := oneOf(&p.writer, "call", "batch", "chunks", "stream")
	var all []*command
	var err error
	switch way {
	case "call":
		all = []*command{p.command(version, 0)}
		_, err = c.CallMethod(ctx, all[0].method, all[0].params)
	case "stream":
		all, err = p.stream(ctx, c, version)
	default:
		all, err = p.batch(ctx, c, version, way)
	}
	end := "done"
	if err != nil {
		end = "refused"
	}
	return way + " " + version + " " + end, p.judge(all, err, way, version)
}

// command is a random command; n tells it from others.
func (p *scenario) command(version string, n int) *command {
	p.bad, p.mute = "", ""
	c := &command{method: named1}
	if version == "v2" && p.one(4) {
		c.method = oneOf(&p.writer, positional1, positional2)
		c.params, c.said = p.arguments(n)
	} else {
		v, s := p.value(3)
		c.said = said{is: saidObject, members: []member{{"n", said{text: strconv.Itoa(n), is: saidNumber}}, {"fields", s}}}
		c.params, c.said = p.dressed([]any{n, v}, c.said)
	}
	c.bad, c.mute = p.bad, p.mute
	return c
}

// arguments are those of a positional method: the names of the documentation, in its order, in whatever holds them.
func (p *scenario) arguments(n int) (any, said) {
	a, b := p.rng.IntN(50), p.rng.IntN(50)
	s := said{is: saidObject, members: []member{
		{"TASKID", said{text: strconv.Itoa(a), is: saidNumber}},
		{"ITEMID", said{text: strconv.Itoa(b), is: saidNumber}},
		{"n", said{text: strconv.Itoa(n), is: saidNumber}},
	}}
	values := []any{a, b, n}
	if p.one(4) {
		return []any{a, b, n}, said{is: saidList, ordered: true, members: []member{{"0", s.members[0].said}, {"1", s.members[1].said}, {"2", s.members[2].said}}}
	}
	v, s := p.dressed(values, s)
	if !s.ordered {
		p.bad = "a map as arguments"
	}
	s.ordered = true
	return v, s
}

// batch queues commands, some of which refer to others.
func (p *scenario) batch(ctx context.Context, c b24.Client, version, way string) ([]*command, error) {
	var all []*command
	var b b24.Batch
	p.refs = map[int][]b24.Ref{}
	for n := range 1 + p.rng.IntN(6) {
		cmd := p.command(version, n)
		all = append(all, cmd)
		switch p.rng.IntN(3) {
		case 0:
			id := b24.Queue[b24.ID](&b, cmd.method, cmd.params, "item", "id")
			p.refs[n] = []b24.Ref{id.Ref(), id.Ref("item", "id")}
		case 1:
			item := b24.Queue[struct {
				ID b24.ID `json:"id"`
			}](&b, cmd.method, cmd.params, "item")
			p.refs[n] = []b24.Ref{item.Ref("id"), item.Ref("item", "id")}
		default:
			p.refs[n] = []b24.Ref{b.Add(cmd.method, cmd.params).Ref("item", "id")}
		}
	}
	p.refs = nil
	var err error
	if way == "batch" {
		_, err = c.CallBatch(ctx, &b)
	} else {
		_, err = c.CallBatchByChunk(ctx, &b, b24.WithConcurrency(1+p.rng.IntN(2)))
	}
	return all, err
}

func (p *scenario) stream(ctx context.Context, c b24.Client, version string) ([]*command, error) {
	var all []*command
	cmds := b24.Commands{}
	for n := range 1 + p.rng.IntN(60) {
		cmd := p.command(version, n)
		all = append(all, cmd)
		cmds = append(cmds, b24.Command{Method: cmd.method, Params: cmd.params})
	}
	var first error
	n := 0
	for r, err := range b24.StreamBatch(ctx, c, slices.Values(cmds), b24.WithHaltOnError(false), b24.WithConcurrency(1+p.rng.IntN(2))) {
		if err != nil && first == nil {
			first = err
		}
		if err == nil && all[n].bad != "" {
			return all, fmt.Errorf("command %d: %s, and no error", n, all[n].bad)
		}
		if err != nil && all[n].bad == "" {
			return all, fmt.Errorf("command %d refused: %w", n, err)
		}
		_ = r
		n++
	}
	return all, first
}

// judge compares what was executed with what was said.
func (p *scenario) judge(all []*command, err error, way, version string) error {
	bad, mute := "", ""
	for _, c := range all {
		bad = cmp.Or(bad, c.bad)
		if version == "v2" {
			mute = cmp.Or(mute, c.mute)
		}
	}
	refused := err != nil && way != "stream"
	switch {
	case (err != nil) == (bad == "") && mute == "", refused && len(p.ran) > 0:
		return fmt.Errorf("bad: %q, %d were executed, error: %w", bad, len(p.ran), err)
	case refused && bad == "" && way != "batch":
		return fmt.Errorf("refused: %w", err)
	case refused:
		return nil
	}
	return p.compare(all)
}

func (p *scenario) compare(all []*command) error {
	seen := map[int]bool{}
	for i, r := range p.ran {
		n, err := strconv.Atoi(text(r.Params["n"]))
		if r.Params["n"] == nil && len(r.Args) == 3 {
			n, err = strconv.Atoi(text(r.Args[2]))
		}
		if err != nil || n >= len(all) || seen[n] || all[n].bad != "" {
			return fmt.Errorf("executed what nobody said, or twice: %d %v", n, r.Params)
		}
		seen[n] = true
		all[n].id = strconv.Itoa(1001 + i)
		if r.Method != all[n].method {
			return fmt.Errorf("command %d: %s", n, r.Method)
		}
		for name := range r.Query {
			delete(r.Params, name)
		}
		keys := map[string][]string{}
		if err := keyOrder(r, keys); err != nil {
			return err
		}
		if err := same(all, all[n].said, r.Params, "", keys); err != nil {
			return fmt.Errorf("command %d: %w", n, err)
		}
	}
	for n, c := range all {
		if c.bad == "" && !seen[n] {
			return fmt.Errorf("command %d was not executed", n)
		}
	}
	return nil
}

// same compares what was said with what a method got.
func same(all []*command, s said, got any, path string, keys map[string][]string) error {
	switch s.is {
	case saidObject, saidList:
		return sameMembers(all, s, got, path, keys)
	case saidNull:
		if got != nil {
			return fmt.Errorf("%s: null became %v", path, got)
		}
		return nil
	case saidID:
		s.text = all[s.command].id
	case saidText, saidNumber, saidBool:
	}
	if held := fmt.Sprint(got); got == nil || held != s.text {
		return fmt.Errorf("%s: %q became %#v", path, s.text, got)
	}
	return nil
}

func sameMembers(all []*command, s said, got any, path string, keys map[string][]string) error {
	held := map[string]any{}
	switch got := got.(type) {
	case map[string]any:
		held = got
	case []any:
		for i, v := range got {
			held[strconv.Itoa(i)] = v
		}
	default:
		return fmt.Errorf("%s: %d members became %#v", path, len(s.members), got)
	}
	if len(held) != len(s.members) {
		return fmt.Errorf("%s: %d members became %#v", path, len(s.members), got)
	}
	names := []string{}
	for _, m := range s.members {
		v, ok := held[m.name]
		if !ok {
			return fmt.Errorf("%s.%s: is not there", path, m.name)
		}
		if err := same(all, m.said, v, path+"."+m.name, keys); err != nil {
			return err
		}
		names = append(names, m.name)
	}
	if s.ordered && !slices.Equal(names, keys[path]) {
		return fmt.Errorf("%s: the order %q became %q", path, names, keys[path])
	}
	return nil
}

// keyOrder reads the order of the members of a request, by their paths.
func keyOrder(r b24test.Request, keys map[string][]string) error {
	if !r.InBatch || r.Version == 3 {
		dec := json.NewDecoder(strings.NewReader(string(r.RawBody)))
		return jsonKeyOrder(dec, "", keys)
	}
	_, query, _ := strings.Cut(string(r.RawBody), "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return err
		}
		path := ""
		for key := range strings.SplitSeq(strings.ReplaceAll(name, "]", ""), "[") {
			if !slices.Contains(keys[path], key) {
				keys[path] = append(keys[path], key)
			}
			path += "." + key
		}
	}
	return nil
}

func jsonKeyOrder(dec *json.Decoder, path string, keys map[string][]string) error {
	open, err := dec.Token()
	delim, nests := open.(json.Delim)
	if err != nil || !nests {
		return err
	}
	for n := 0; dec.More(); n++ {
		key := strconv.Itoa(n)
		if delim == '{' {
			token, err := dec.Token()
			if err != nil {
				return err
			}
			key = token.(string)
		}
		keys[path] = append(keys[path], key)
		if err := jsonKeyOrder(dec, path+"."+key, keys); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}
