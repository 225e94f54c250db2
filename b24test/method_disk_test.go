package b24test_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// errorText returns the code and the text of an error envelope.
func (a answer) errorText(t *testing.T) string {
	t.Helper()
	return a.field(t, "error").(string) + ": " + a.field(t, "error_description").(string)
}

// num writes an id into a body.
func num(id int64) string { return strconv.FormatInt(id, 10) }

// A new portal has the storage of the company and that of the webhook's user.
func TestStorages(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(7, "secretsecret0001"))
	a := call(t, p, "disk.storage.getlist", `{"filter":{"ENTITY_TYPE":"user","ENTITY_ID":7}}`)
	require.Len(t, a.field(t, "result"), 1, a.Body)
	assert.Equal(t, "2", a.field(t, "result", 0, "ID"))
	one := call(t, p, "disk.storage.get", `{"id":2}`)
	assert.Equal(t, a.field(t, "result", 0), one.field(t, "result"))
	root := one.field(t, "result", "ROOT_OBJECT_ID").(string)
	folder := call(t, p, "disk.folder.get", `{"id":`+root+`}`)
	assert.Equal(t, "2", folder.field(t, "result", "STORAGE_ID"))
	assert.Nil(t, folder.field(t, "result", "PARENT_ID"))
	for _, tt := range []struct{ method, body, want string }{
		{"disk.storage.get", `{}`, "ERROR_ARGUMENT: Invalid value of parameter { Parameter #0 [ <required> $id ] }."},
		{"disk.storage.get", `{"ID":2}`, "ERROR_ARGUMENT: Invalid value of parameter { Parameter #0 [ <required> $id ] }."},
		{"disk.storage.get", `{"id":9}`, "ERROR_NOT_FOUND: Could not find entity with id '9'."},
		{"disk.storage.getchildren", `{"id":9}`, "ERROR_NOT_FOUND: Could not find entity with id '9'."},
		{"disk.storage.getforapp", `{}`, "ACCESS_DENIED: Access denied! Application context required"},
		{"disk.storage.rename", `{"id":1,"newName":"x"}`, ": Access denied (invalid type of storage)"},
		{"disk.storage.addfolder", `{"id":1,"data":{}}`, "DISK_BASE_SERVICE_22001: Error: required parameter NAME (DISK_BASE_SERVICE_22001)."},
		{"disk.storage.uploadfile", `{"id":1,"data":{"NAME":"x"}}`, "ERROR_ARGUMENT: Invalid value of parameter { Parameter #1 [ <required> $fileContent ] }."},
		{"disk.storage.uploadfile", `{"id":1,"data":{"NAME":"x"},"fileContent":["x",""]}`, ": Could not save file."},
		{"disk.storage.uploadfile", `{"id":1,"data":{"NAME":"x"},"fileContent":["x","eA=="],"rights":[{"TASK_ID":1}]}`, ": Invalid rights format"},
	} {
		a := call(t, p, tt.method, tt.body)
		assert.Equal(t, tt.want, a.errorText(t), "%s %s", tt.method, tt.body)
	}
	assert.JSONEq(t, `["user","common","group"]`, a2json(t, call(t, p, "disk.storage.gettypes", `{}`).field(t, "result")))
	assert.Nil(t, call(t, p, "disk.storage.get", `{"id":"x"}`).field(t, "result"))
}

func a2json(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// A tree is made, listed, changed and deleted.
func TestDriveTree(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	docs := call(t, p, "disk.storage.addfolder", `{"id":1,"data":{"NAME":"Docs"}}`)
	id := a2json(t, docs.field(t, "result", "ID"))
	assert.Equal(t, json.Number("0"), docs.field(t, "result", "DELETED_TYPE"), "a new object has numbers")
	assert.Contains(t, docs.field(t, "result", "DETAIL_URL"), "/docs/path/Docs")
	assert.Equal(t, "DISK_OBJ_22000: A folder with this name already exists (DISK_OBJ_22000).",
		call(t, p, "disk.storage.addfolder", `{"id":1,"data":{"NAME":"docs"}}`).errorText(t))
	sub := a2json(t, call(t, p, "disk.folder.addsubfolder", `{"id":`+id+`,"data":{"NAME":"2026"}}`).field(t, "result", "ID"))
	up := call(t, p, "disk.folder.uploadfile", `{"id":`+sub+`,"data":{"NAME":"a:b.txt"},"fileContent":["other","aGVsbG8="]}`)
	assert.Equal(t, "a_b.txt", up.field(t, "result", "NAME"))
	assert.Equal(t, "5", up.field(t, "result", "SIZE"))
	assert.Nil(t, up.field(t, "result", "DELETED_BY"))
	file := a2json(t, up.field(t, "result", "ID"))

	a := call(t, p, "disk.folder.getchildren", `{"id":`+sub+`,"filter":{"NAME":"a_b.txt","SIZE":99}}`)
	require.Len(t, a.field(t, "result"), 1, "SIZE is no filter: "+a.Body)
	assert.Equal(t, "0", a.field(t, "result", 0, "DELETED_TYPE"))
	assert.Contains(t, a.field(t, "result", 0, "DOWNLOAD_URL"), "/download/?token=disk%7C")
	assert.Contains(t, a.field(t, "result", 0, "DETAIL_URL"), "/docs/file/Docs/2026/a_b.txt")

	assert.Equal(t, "b.txt", call(t, p, "disk.file.rename", `{"id":`+file+`,"newName":"b.txt"}`).field(t, "result", "NAME"))
	assert.Equal(t, "0: Empty name. (0).", call(t, p, "disk.file.rename", `{"id":`+file+`,"newName":""}`).errorText(t))
	assert.Equal(t, id, call(t, p, "disk.file.moveto", `{"id":`+file+`,"targetFolderId":`+id+`}`).field(t, "result", "PARENT_ID"))
	root2 := call(t, p, "disk.storage.get", `{"id":2}`).field(t, "result", "ROOT_OBJECT_ID").(string)
	assert.Equal(t, false, call(t, p, "disk.file.moveto", `{"id":`+file+`,"targetFolderId":`+root2+`}`).field(t, "result"), "to another storage")
	twin := call(t, p, "disk.folder.copyto", `{"id":`+id+`,"targetFolderId":`+root2+`}`)
	assert.Equal(t, "2", twin.field(t, "result", "STORAGE_ID"))
	assert.Len(t, p.Files(), 2)

	call(t, p, "disk.file.markdeleted", `{"id":`+file+`}`)
	assert.Len(t, call(t, p, "disk.storage.getchildren", `{"id":1}`).field(t, "result"), 1)
	assert.Len(t, call(t, p, "disk.folder.getchildren", `{"id":`+id+`}`).field(t, "result"), 1, "the folder 2026, without the file in the trash")
	again := call(t, p, "disk.folder.uploadfile", `{"id":`+id+`,"data":{"NAME":"b.txt"},"fileContent":["x","eA=="]}`)
	assert.Equal(t, "b.txt", again.field(t, "result", "NAME"), "the trash leaves the name free")
	assert.Equal(t, "0", call(t, p, "disk.file.restore", `{"id":`+file+`}`).field(t, "result", "DELETED_TYPE"))

	assert.Equal(t, true, call(t, p, "disk.folder.deletetree", `{"id":`+id+`}`).field(t, "result"))
	assert.Equal(t, "ERROR_NOT_FOUND: Could not find entity with id '"+file+"'.", call(t, p, "disk.file.get", `{"id":`+file+`}`).errorText(t))
	assert.Equal(t, "ERROR_NOT_FOUND: Could not find entity with id '"+id+"'.", call(t, p, "disk.folder.getchildren", `{"id":`+id+`}`).errorText(t))
	assert.Equal(t, ": Could not delete root folder.", call(t, p, "disk.folder.deletetree", `{"id":`+root2+`}`).errorText(t))
	require.Len(t, p.Files(), 1, "the copy is left")
	copied := num(p.Files()[0].ID)
	assert.Equal(t, true, call(t, p, "disk.file.delete", `{"id":`+copied+`}`).field(t, "result"))
	assert.Empty(t, p.Files())
}

// Names are unique in a folder in any letter case; a unique name counts on from the one given last.
func TestUniqueNames(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	folder := num(p.SeedFolder("In"))
	upload := func(name, unique string) answer {
		return call(t, p, "disk.folder.uploadfile", `{"id":`+folder+`,"data":{"NAME":"`+name+`"},"fileContent":["x","eA=="],"generateUniqueName":`+unique+`}`)
	}
	for _, tt := range []struct{ name, unique, want string }{
		{"a.tar.gz", `false`, "a.tar.gz"},
		{"A.TAR.GZ", `"0"`, ""},
		{"a.tar.gz", `true`, "a (1).tar.gz"},
		{"a.tar.gz", `"N"`, "a (2).tar.gz"}, // a text is true in PHP
		{"plain", `false`, "plain"},
		{"plain", `1`, "plain (1)"},
		{"v1.2.txt", `false`, "v1.2.txt"},
		{"v1.2.txt", `true`, "v1.2 (1).txt"},
		{" <a>:b|c?*.txt ", `false`, "_a__b_c__.txt"},
		{"it's ~#&;.txt", `false`, "it's ~#&;.txt"}, // a file of the Drive may have what other files may not
		{"\U0001f600\u202e.txt", `false`, "__.txt"},
	} {
		a := upload(tt.name, tt.unique)
		if tt.want == "" {
			assert.Equal(t, "DISK_OBJ_22000: A file with this name already exists (DISK_OBJ_22000).", a.errorText(t))
			continue
		}
		assert.Equal(t, tt.want, a.field(t, "result", "NAME"), a.Body)
	}
	before := len(p.Files())
	upload("plain", `false`)
	assert.Len(t, p.Files(), before, "a refused file is not kept")
}

// A version replaces the content and keeps the object.
func TestUploadVersion(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	f := p.SeedFile(b24test.File{Name: "a.txt", Content: []byte("one")})
	a := call(t, p, "disk.file.uploadversion", `{"id":`+num(f.ID)+`,"fileContent":["ignored.txt","dHdvLg=="]}`)
	assert.Equal(t, []any{"a.txt", "4", "2"}, []any{
		a.field(t, "result", "NAME"), a.field(t, "result", "SIZE"), a.field(t, "result", "GLOBAL_CONTENT_VERSION"),
	})
	got := get(t, p, a.field(t, "result", "DOWNLOAD_URL").(string))
	assert.Equal(t, "two.", got.Body)
	link := call(t, p, "disk.file.getexternallink", `{"id":`+num(f.ID)+`}`).field(t, "result")
	assert.Contains(t, link, "/~")
	assert.Equal(t, link, call(t, p, "disk.file.getexternallink", `{"id":`+num(f.ID)+`}`).field(t, "result"))
}

// What a program may not have notices: bytes that are not base64 make another file of it, without an
// error, and the name is the first of the pair whatever its key is.
func TestBase64IsReadAsPHPDoes(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	folder := num(p.SeedFolder(""))
	for i, tt := range []struct{ content, want string }{
		{`["x","aGVsbG8="]`, "hello"},
		{`["x","aGVs\nbG8"]`, "hello"},
		{`["x","data:;base64,aGVsbG8="]`, "u\xabZ\x6a\xc7\xbah\x65l\x6co"},
		{`{"1":"x","0":"aGVsbG8="}`, "hello"},
		{`"aGVsbG8="`, "hello"},
		{`["x","-"]`, ""},
		{`["x","false"]`, ""},
		{`["x"]`, ""},
	} {
		a := call(t, p, "disk.folder.uploadfile", `{"id":`+folder+`,"data":{"NAME":"n`+num(int64(i))+`"},"fileContent":`+tt.content+`}`)
		if tt.want == "" {
			assert.Equal(t, ": Could not save file.", a.errorText(t), tt.content)
			continue
		}
		files := p.Files()
		if i != 2 {
			assert.Equal(t, tt.want, string(files[len(files)-1].Content), tt.content)
		} else {
			assert.NotContains(t, string(files[len(files)-1].Content), "hello", "a prefix shifts the bits")
		}
	}
}

// Storages and folders that a test seeded by rows work too.
func TestDriveOfSeededRows(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("disk.storage", b24.Params{"ID": 40, "NAME": "Team", "ENTITY_TYPE": "group", "ENTITY_ID": "8", "ROOT_OBJECT_ID": 500})
	p.Seed("disk.folder",
		b24.Params{"ID": 501, "NAME": "Sub", "TYPE": "folder", "PARENT_ID": 500, "STORAGE_ID": 40},
		b24.Params{"ID": 502, "NAME": "nothing in it", "TYPE": "file", "PARENT_ID": 501, "STORAGE_ID": 40})
	f := p.SeedFile(b24test.File{Folder: 501, Name: "a.txt", Content: []byte("x")})
	assert.Equal(t, int64(503), f.ID)
	assert.Equal(t, []string{"501"}, call(t, p, "disk.storage.getchildren", `{"id":40}`).ids(t, "ID", "result"))
	a := call(t, p, "disk.folder.getchildren", `{"id":501,"order":{"ID":"ASC"}}`)
	assert.Equal(t, []string{"502", "503"}, a.ids(t, "ID", "result"))
	assert.Contains(t, a.field(t, "result", 1, "DETAIL_URL"), "/workgroups/group/8/disk/file/Sub/a.txt")
	broken := get(t, p, a.field(t, "result", 0, "DOWNLOAD_URL").(string))
	assert.Equal(t, ": Could not get content of file", broken.errorText(t))
}

// A storage that a test seeded as an id alone has a root folder, too.
func TestStorageOfAnID(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("disk.storage", b24.Params{"ID": 7}, b24.Params{"ID": 8, "NAME": "Team"})
	root := call(t, p, "disk.storage.get", `{"id":7}`).field(t, "result", "ROOT_OBJECT_ID").(string)
	assert.Equal(t, "x", call(t, p, "disk.folder.addsubfolder", `{"id":`+root+`,"data":{"NAME":"x"}}`).field(t, "result", "NAME"))
	assert.Len(t, call(t, p, "disk.storage.getchildren", `{"id":7}`).field(t, "result"), 1)
	assert.NotEmpty(t, call(t, p, "disk.storage.getlist", `{"order":{"ID":"DESC"}}`).field(t, "result", 0, "ROOT_OBJECT_ID"))
}

func TestSeedingFilesReportsMistakes(t *testing.T) {
	t.Parallel()
	tb := &recorder{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	p.SeedFile(b24test.File{Name: "a/b"})
	p.SeedFile(b24test.File{Name: "a", Size: -1})
	p.SeedFile(b24test.File{Name: "a", Folder: 99})
	p.SeedFile(b24test.File{Name: "a"})
	p.SeedFile(b24test.File{Name: "A"})
	p.SeedFieldFile(b24test.File{})
	p.SeedFolder("x/y?")
	assert.Len(t, tb.texts, 6, "%v", tb.texts)
}
