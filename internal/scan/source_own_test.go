package scan_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24go/b24/internal/scan"
)

// turnOwn gives the portal the face of a method with a cursor of its own.
func (p *portal) turnOwn() {
	p.turnV3()
	p.own = true
}

// placed is the position of a row: the order is not that of the ids.
func placed(id uint64) uint64 { return id * 7 % 5 }

func comparePlaced(a, b uint64) int {
	if placed(a) != placed(b) {
		return int(placed(a)) - int(placed(b))
	}
	return int(a) - int(b)
}

// ownPage answers a call of a method with a cursor of its own. Hidden rows leave their page shorter.
func (p *portal) ownPage(params []byte, _ []any) (scan.Answer, error) {
	var in struct {
		Pagination struct {
			Limit int `json:"limit"`
			After *struct {
				Position uint64 `json:"position"`
				ID       uint64 `json:"id"`
			} `json:"afterCursor"`
		} `json:"pagination"`
		Filter []any `json:"filter"`
	}
	if err := json.Unmarshal(params, &in); err != nil {
		return scan.Answer{}, fmt.Errorf("params %s: %w", params, err)
	}
	size := p.size
	if in.Pagination.Limit > 0 {
		size = min(size, in.Pagination.Limit)
	}
	var rows []uint64
	for _, id := range p.ids {
		after := in.Pagination.After
		beyond := after == nil || comparePlaced(after.ID, id) < 0
		if beyond && (in.Filter == nil || id%2 == 0) {
			rows = append(rows, id)
		}
	}
	slices.SortFunc(rows, comparePlaced)
	next := "null"
	if len(rows) > size {
		rows = rows[:size]
		last := rows[size-1]
		next = fmt.Sprintf(`{"position":%d,"id":%d}`, placed(last), last)
	}
	shown := slices.DeleteFunc(rows, p.hidden)
	return scan.Answer{Result: append([]byte(`{"nextCursor":`+next+`,`), p.render(shown)[1:]...)}, nil
}

func (p *portal) hidden(id uint64) bool { return p.hides && id%3 == 0 }

func newOwn(rows int) *portal {
	p := newPortal(rows)
	p.turnOwn()
	return p
}

func byPlace(ids []uint64) []uint64 {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, comparePlaced)
	return ids
}
