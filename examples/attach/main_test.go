package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/file"
)

// start returns a portal and the arguments for it. The directory is empty.
func start(t *testing.T) (p *b24test.Portal, args []string, dir string) {
	t.Helper()
	p, dir = b24test.NewPortal(t), t.TempDir()
	s := seed(p)
	path := filepath.Join(t.TempDir(), "contract.txt")
	require.NoError(t, os.WriteFile(path, []byte("signed"), 0o600))
	return p, []string{"-file", path, "-deal", "7", "-field", s.field, "-task", "12", "-folder", string(s.folder), "-dir", dir}, dir
}

func execute(t *testing.T, p *b24test.Portal, args []string) (string, error) {
	t.Helper()
	var w strings.Builder
	err := run(t.Context(), &w, args, p.WebhookURL())
	return w.String(), err
}

// names lists the files of a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func content(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(text)
}

// stored lists the files of the portal.
func stored(p *b24test.Portal) []string {
	list := []string{}
	for _, f := range p.Files() {
		list = append(list, f.Name)
	}
	return list
}

func TestRunOnTheFakePortal(t *testing.T) {
	t.Parallel()
	var w strings.Builder
	require.NoError(t, run(t.Context(), &w, nil, ""))
	first, bars, _ := strings.Cut(w.String(), "\n")
	assert.Equal(t, "contract.txt is in deal 7 and in task 12", first)
	assert.True(t, strings.HasPrefix(bars, "\r\"terms.pdf\" [....................]\r"), bars)
	assert.True(t, strings.HasSuffix(bars, "\r\"contract.txt\" [####################]\n"), bars)
	assert.Contains(t, bars, "\r\"terms.pdf\" [####################]\n")
}

func TestFilesArriveWhole(t *testing.T) {
	t.Parallel()
	p, args, dir := start(t)
	p.SeedFolder("Contracts/Old")                                           // it is not downloaded
	p.Fault("download", b24test.CutBody(100<<10), b24test.CutBody(100<<10)) // in the middle, twice

	_, err := execute(t, p, args)

	require.NoError(t, err)
	assert.Equal(t, []string{"contract.txt", "terms.pdf"}, names(t, dir))
	assert.Equal(t, "signed", content(t, dir, "contract.txt"))
	assert.Equal(t, b24test.File{Size: 300 << 10}.SHA256(), b24test.File{Content: []byte(content(t, dir, "terms.pdf"))}.SHA256())
	assert.Equal(t, 4, p.Calls("download"), "one file in three parts, and another one")
	assert.Equal(t, []string{"terms.pdf", "contract.txt", "contract.txt"}, stored(p), "one in the deal, and one in the folder")
	assert.Len(t, p.Rows("tasks.task")[0]["ufTaskWebdavFiles"], 1)
}

func TestLostAnswerOfAnUpload(t *testing.T) {
	t.Parallel()
	p, args, _ := start(t)
	p.Fault("upload", b24test.ResetAfter())
	out, err := execute(t, p, args)
	require.NoError(t, err)
	assert.Contains(t, out, "the answer to the upload was lost, but contract.txt is there\ncontract.txt is in deal 7 and in task 12\n")
	assert.Equal(t, 1, p.Calls("upload"))
	assert.Len(t, p.Rows("tasks.task")[0]["ufTaskWebdavFiles"], 1)

	p, args, _ = start(t)
	p.Fault("upload", b24test.ResetBefore())
	_, err = execute(t, p, args)
	assert.True(t, b24.MayHaveExecuted(err), "it is not there, but it may still come")
	assert.Equal(t, 1, p.Calls("upload"))
	assert.Zero(t, p.Calls("tasks.task.files.attach"))
}

func TestLinksThatExpireAreRenewed(t *testing.T) {
	t.Parallel()
	p, args, dir := start(t)
	p.Fault("download", b24test.CutBody(100<<10), b24test.Refuse(&b24.Error{Code: "expired_token"}))

	_, err := execute(t, p, args)

	require.NoError(t, err)
	assert.Equal(t, 1, p.Calls("disk.file.get"))
	assert.Len(t, content(t, dir, "terms.pdf"), 300<<10)
}

// Names that are different on Drive may be the same on a disk.
func TestNamesThatCollide(t *testing.T) {
	t.Parallel()
	p, args, dir := start(t)
	folder := p.SeedFolder("Contracts")
	other := p.SeedFile(b24test.File{Folder: folder, Name: "terms.pdf.", Content: []byte("other")})
	dots := p.SeedFile(b24test.File{Folder: folder, Name: "...", Content: []byte("dots")})

	_, err := execute(t, p, args)

	require.NoError(t, err)
	assert.Len(t, content(t, dir, "terms.pdf"), 300<<10)
	assert.Equal(t, "other", content(t, dir, fmt.Sprintf("%d terms.pdf", other.ID)))
	assert.Equal(t, "dots", content(t, dir, strconv.FormatInt(dots.ID, 10)))
}

// A file that cannot be had whole is not in the directory, and the others are.
func TestFilesThatFail(t *testing.T) {
	t.Parallel()
	p, args, dir := start(t)
	p.Fault("download", b24test.HTML(200))

	_, err := execute(t, p, args)

	require.ErrorContains(t, err, `"terms.pdf": b24: download: `)
	assert.NotContains(t, err.Error(), p.Secret())
	assert.Equal(t, []string{"contract.txt"}, names(t, dir))
}

// What a portal drops without an error is an error here.
func TestFieldsThatTakeNoFile(t *testing.T) {
	t.Parallel()
	p, args, _ := start(t)
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_SCANS", Type: "file", Multiple: true})
	for _, field := range []string{"ufCrmTypo", "ufCrmScans", "title"} {
		args[5] = field
		_, err := execute(t, p, args)
		require.ErrorContains(t, err, field)
	}
	assert.Zero(t, p.Calls("crm.item.update"))
}

func TestNameThatIsTaken(t *testing.T) {
	t.Parallel()
	p, args, _ := start(t)
	_, err := execute(t, p, args)
	require.NoError(t, err)
	_, err = execute(t, p, args)
	require.ErrorIs(t, err, file.ErrNameTaken)
	assert.Len(t, stored(p), 3, "the file of the deal is replaced")
}

func TestArguments(t *testing.T) {
	t.Parallel()
	p, args, _ := start(t)
	for _, wrong := range [][]string{nil, {"-x"}, args[2:], append(slices.Clip(args), "more")} {
		_, err := execute(t, p, wrong)
		require.Error(t, err)
	}
	_, err := execute(t, p, []string{"-h"})
	require.NoError(t, err)
	assert.Empty(t, p.HTTPRequests())
	args[1] = "no such file"
	_, err = execute(t, p, args)
	require.ErrorIs(t, err, os.ErrNotExist)
}
