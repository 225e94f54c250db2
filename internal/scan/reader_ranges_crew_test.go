package scan_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/scan"
)

func TestDivide(t *testing.T) {
	t.Parallel()
	const open = math.MaxUint64
	for _, row := range []struct {
		name  string
		spans [][2]uint64
		top   uint64
		most  int
		n     int
		want  [][2]uint64
	}{
		{"one", [][2]uint64{{51, open}}, 4050, 8, 1, [][2]uint64{{51, open}}},
		{"halves", [][2]uint64{{51, open}}, 4050, 8, 2, [][2]uint64{{51, 2050}, {2051, open}}},
		{"four", [][2]uint64{{51, open}}, 4050, 8, 4, [][2]uint64{{51, 1050}, {1051, 2050}, {2051, 3050}, {3051, open}}},
		{"an upper end", [][2]uint64{{51, 2050}}, 99999, 8, 2, [][2]uint64{{51, 1050}, {1051, 2050}}},
		{"too short to divide", [][2]uint64{{51, open}}, 250, 8, 4, [][2]uint64{{51, open}}},
		{"the longer one", [][2]uint64{{1, 100}, {201, open}}, 1200, 8, 3, [][2]uint64{{1, 100}, {201, 700}, {701, open}}},
		{"too short for long chains", [][2]uint64{{51, open}}, 1250, 50, 4, [][2]uint64{{51, open}}},
		{"long chains", [][2]uint64{{51, open}}, 4050, 50, 4, [][2]uint64{{51, 1050}, {1051, 2050}, {2051, 3050}, {3051, open}}},
		{"enough parts", [][2]uint64{{1, 900}, {1001, 1900}}, 1900, 8, 2, [][2]uint64{{1, 900}, {1001, 1900}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.want, scan.Divide(row.spans, row.top, row.most, row.n))
		})
	}
}
