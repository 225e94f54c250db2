package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// echoOf is the command that answers with its key.
func echoOf(key int) b24.Command {
	return b24.Command{Method: "echo", Params: b24.Params{"v": key}}
}

// numeric makes "echo" answer with a number, which a batch carries as a text.
func numeric(p *b24test.Portal) {
	echo(p)
	p.Handle("echo", func(r b24test.Request) (any, error) {
		if n, err := strconv.Atoi(fmt.Sprint(r.Params["v"])); err == nil {
			return n, nil
		}
		return r.Params["v"], nil
	})
}

// numbers yields 0 to n-1 and counts what was taken.
func numbers(n int, taken *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if *taken++; !yield(i) {
				return
			}
		}
	}
}

// around is a Client around another one, as programs write them.
type around struct{ b24.Client }

func (a around) Unwrap() b24.Client { return a.Client }

func TestFirst(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		seq  iter.Seq2[int, error]
		want int
		err  error
	}{
		"nil":   {nil, 0, b24.ErrNoRow},
		"none":  {func(func(int, error) bool) {}, 0, b24.ErrNoRow},
		"a row": {func(yield func(int, error) bool) { _ = yield(7, nil) && yield(8, broken) }, 7, nil},
		"error": {func(yield func(int, error) bool) { yield(7, broken) }, 0, broken},
	} {
		got, err := b24.First(test.seq)
		assert.Equal(t, test.want, got, name)
		assert.Equal(t, test.err, err, name)
	}
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(b24.ErrNoRow))
}

// First never pays for more than the first page, however long the list is.
func TestFirstOfALongList(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]b24.ListOption{
		"as it is": nil, "limit": {b24.WithLimit(1)}, "descending": {b24.WithDescending()}, "ranges": {b24.WithConcurrency(8)},
		"keyset": {b24.WithPaging(b24.PagingKeyset)}, "offset": {b24.WithPaging(b24.PagingOffset)},
	} {
		p, h := dealsPortal(t, 5000)
		var report b24.ListReport
		deal, err := b24.First(b24.List[idRow](t.Context(), h, "crm.deal.list", nil, append(opts, b24.WithReport(&report))...))
		require.NoError(t, err, name)
		assert.NotEmpty(t, deal.ID, name)
		assert.Len(t, p.HTTPRequests(), 1, name)
		assert.LessOrEqual(t, p.Executed("crm.deal.list"), 2, name) // a page, and the last row
	}
	p, h := dealsPortal(t, 5000)
	ids := make([]int, 5000)
	for i := range ids {
		ids[i] = i + 1
	}
	for name, opts := range map[string][]b24.ListOption{"ids": nil, "ids, limit": {b24.WithLimit(1)}} {
		before := p.Executed("crm.deal.list")
		_, err := b24.First(b24.List[idRow](t.Context(), h, "crm.deal.list", b24.Params{"filter": b24.Params{"@ID": ids}}, opts...))
		require.NoError(t, err, name)
		assert.Equal(t, 1, p.Executed("crm.deal.list")-before, name)
	}
	_, h = dealsPortal(t, 0)
	_, err := b24.First(b24.List[idRow](t.Context(), h, "crm.deal.list", nil))
	require.ErrorIs(t, err, b24.ErrNoRow)
}

func TestEach(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	numeric(p)
	for _, c := range []b24.Client{h, around{h}} {
		for _, workers := range []int{1, 4} {
			taken, i := 0, 0
			var last b24.Progress
			for key, r := range b24.Each[int](t.Context(), c, numbers(1234, &taken), echoOf,
				b24.WithConcurrency(workers), b24.WithProgress(func(p b24.Progress) { last = p })) {
				require.NoError(t, r.Err)
				assert.Equal(t, i, key)
				assert.Equal(t, i, r.Value)
				i++
			}
			assert.Equal(t, []int{1234, 1234, 1234}, []int{taken, i, last.Done})
		}
	}
	for range b24.Each[int](t.Context(), h, nil, echoOf) {
		t.Error("nil has no keys")
	}
	keys := []string{"a", "a", "a"}
	for key, r := range b24.Each[string](t.Context(), h, slices.Values(keys), func(k string) b24.Command {
		return b24.Command{Name: "n", Method: "echo", Params: b24.Params{"v": k}}
	}) {
		require.NoError(t, r.Err)
		assert.Equal(t, key, r.Value)
	}
}

// Without a command nothing is sent, and the error says what is missing.
func TestEachWithoutACommand(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	taken, replies := 0, 0
	for key, r := range b24.Each[int](t.Context(), h, numbers(9, &taken), nil) {
		replies++
		assert.Zero(t, key)
		require.ErrorIs(t, r.Err, b24.ErrInvalidParams)
		require.ErrorContains(t, r.Err, "nil")
	}
	assert.Equal(t, []int{1, 1}, []int{taken, replies})
	for _, r := range b24.Each[int](t.Context(), h, numbers(3, &taken), func(int) b24.Command { return b24.Command{} }) {
		require.ErrorIs(t, r.Err, b24.ErrInvalidParams)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(r.Err))
		replies++
	}
	assert.Equal(t, 4, replies)
	assert.Empty(t, p.HTTPRequests())
}

// A failure stops the others only if the caller says so. What did not run says so, too.
func TestEachFails(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	numeric(p)
	bad := func(key int) b24.Command {
		command := echoOf(key)
		switch key {
		case 60:
			command.Method = "bad"
		case 70:
			command.Params = b24.Params{"v": "no number"}
		case 80:
			command.Method = ""
		}
		return command
	}
	for halt, want := range map[bool][]int{false: {200, 197, 3, 0}, true: {100, 60, 1, 39}} {
		taken, ok, failed, notRun := 0, 0, 0, 0
		for key, r := range b24.Each[int](t.Context(), h, numbers(200, &taken), bad, b24.WithHaltOnError(halt)) {
			switch {
			case r.Err == nil:
				assert.Equal(t, key, r.Value)
				ok++
			case errors.Is(r.Err, b24.ErrNotExecuted):
				assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(r.Err))
				notRun++
			case key == 70:
				assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.Err)) // it ran
				assert.Zero(t, r.Value)
				failed++
			default:
				failed++
			}
		}
		if halt { // the command without a method fails by itself
			want[2], want[3] = want[2]+1, want[3]-1
		}
		assert.Equal(t, want, []int{taken, ok, failed, notRun}, "halt %v", halt)
	}
}

// A result that cannot be decoded is a failure, too.
func TestEachHaltsAtAResultThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "text", "no number")
	taken, replies := 0, 0
	for _, r := range b24.Each[int](t.Context(), h, numbers(500, &taken), func(int) b24.Command { return b24.Command{Method: "text"} }, b24.WithHaltOnError(true)) {
		require.Error(t, r.Err)
		replies++
	}
	assert.Equal(t, []int{50, 50}, []int{taken, replies})
}

func TestEachDecodesAPart(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.item:2", 120, func(i int) b24.Params { return b24.Params{"title": "Deal " + strconv.Itoa(i+1)} })
	type item struct {
		ID    int    `json:"id"`
		Title string `json:"title"`
	}
	get := func(id b24.ID) b24.Command {
		return b24.Command{Method: "crm.item.get", Params: b24.Params{"entityTypeId": 2, "id": id}}
	}
	// The keys are read from the same portal meanwhile.
	keys := func(yield func(b24.ID) bool) {
		for row, err := range b24.List[struct {
			ID b24.ID `json:"id"`
		}](t.Context(), h, "crm.item.list", b24.Params{"entityTypeId": 2}) {
			if !assert.NoError(t, err) || !yield(row.ID) {
				return
			}
		}
	}
	n := 0
	for id, r := range b24.Each[item](t.Context(), h, keys, get, b24.WithResultKey("item"), b24.WithConcurrency(3)) {
		n++
		require.NoError(t, r.Err)
		assert.Equal(t, string(id), strconv.Itoa(r.Value.ID))
		assert.Equal(t, "Deal "+string(id), r.Value.Title)
	}
	assert.Equal(t, 120, n)
	for _, r := range b24.Each[item](t.Context(), h, slices.Values([]b24.ID{"1"}), get) { // without the key
		require.ErrorIs(t, r.Err, b24.ErrNoResult)
	}
}

// The end of the context or of the client is seen, and each key that was taken gets its reply.
func TestEachEndsWithContextAndClose(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"context": context.Canceled, "close": b24.ErrClosed} {
		for _, workers := range []int{1, 3} {
			p, h := newPortal(t)
			numeric(p)
			ctx, cancel := context.WithCancel(t.Context())
			taken, replies := 0, 0
			var last error
			for key, r := range b24.Each[int](ctx, h, numbers(1<<30, &taken), echoOf, b24.WithConcurrency(workers)) {
				assert.Equal(t, replies, key)
				if last = r.Err; last != nil {
					require.ErrorIs(t, r.Err, want)
				}
				if replies++; replies == 60 && name == "close" {
					_ = h.Close()
				} else if replies == 60 {
					cancel()
				}
			}
			cancel()
			require.ErrorIs(t, last, want, name)
			assert.Equal(t, taken, replies, name)
		}
	}
}

// Leaving the loop ends everything: no call runs on, and no key is taken.
func TestEachThatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n >= 50 {
				<-r.Context().Done()
			}
			return 1, nil
		})
		started, taken := time.Now(), 0
		for range b24.Each[int](t.Context(), h, numbers(1000, &taken), echoOf, b24.WithConcurrency(2)) {
			break
		}
		assert.Zero(t, time.Since(started))
		assert.LessOrEqual(t, taken, 150)
	})
}

// Commands of Each are not sent together, so they cannot refer to each other.
func TestEachWithAReference(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	for _, r := range b24.Each[json.RawMessage](t.Context(), h, slices.Values([]string{"a", "b"}), func(k string) b24.Command {
		return b24.Command{Name: k, Method: "echo", Params: b24.Params{"v": b24.RefTo("a")}}
	}) {
		require.ErrorIs(t, r.Err, b24.ErrInvalidParams)
		require.ErrorContains(t, r.Err, "stream")
	}
	assert.Empty(t, p.HTTPRequests())
}
