package statefile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/examples/bulk/internal/statefile"
)

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state")
	_, found, err := statefile.Load[[]int](name)
	require.NoError(t, err)
	assert.False(t, found)

	require.NoError(t, statefile.Save(name, []int{1, 2}))
	require.NoError(t, statefile.Save(name, []int{3}))

	state, found, err := statefile.Load[[]int](name)
	require.NoError(t, err)
	assert.True(t, found)
	assert.Equal(t, []int{3}, state)
	files, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	assert.Len(t, files, 1, "no temporary file is left")
}

func TestLoadOfNoState(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(name, []byte("[1,"), 0o600))

	_, _, err := statefile.Load[[]int](name)

	assert.ErrorContains(t, err, name)
}

func TestSaveLeavesTheOldStateWhereItFails(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.MkdirAll(filepath.Join(name, "taken"), 0o700)) // a directory stands in its place

	require.Error(t, statefile.Save(name, 1))

	files, err := os.ReadDir(filepath.Dir(name))
	require.NoError(t, err)
	assert.Len(t, files, 1)
}

func TestAppended(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "rows")
	require.NoError(t, os.WriteFile(name, []byte("one\ntwo\nthree hundr"), 0o600))

	f, err := statefile.Appended(name, 8)
	require.NoError(t, err)
	_, err = f.WriteString("three\n")
	require.NoError(t, err)
	require.NoError(t, f.Close())

	text, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, "one\ntwo\nthree\n", string(text))
	_, err = statefile.Appended(name, 100)
	assert.ErrorContains(t, err, "its state knows 100")
}

func TestAppendedToAFileThatIsGone(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "rows")

	_, err := statefile.Appended(name, 8)

	require.ErrorIs(t, err, os.ErrNotExist)
	assert.NoFileExists(t, name, "an empty one would be taken for the output")
}

func TestLock(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state")
	unlock, err := statefile.Lock(name)
	require.NoError(t, err)

	_, err = statefile.Lock(name)
	require.ErrorContains(t, err, fmt.Sprintf("is in use by process %d", os.Getpid()))
	require.ErrorContains(t, err, "remove "+name+".lock")

	require.NoError(t, unlock())
	unlock, err = statefile.Lock(name)
	require.NoError(t, err)
	require.NoError(t, unlock())
	assert.NoFileExists(t, name+".lock")
}

func TestLockOfARunThatWasKilledAtOnce(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(name+".lock", nil, 0o600))

	_, err := statefile.Lock(name)

	assert.ErrorContains(t, err, "process (unknown)")
}

func TestLockWhereNoFileCanBe(t *testing.T) {
	t.Parallel()
	_, err := statefile.Lock(filepath.Join(t.TempDir(), "none", "state"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
