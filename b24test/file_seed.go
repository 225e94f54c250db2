package b24test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// File is a file of a [Portal].
type File struct {
	// ID is the id on the Drive, of disk.file.get; 0 for a file that is only in a field.
	ID int64
	// FileID is the id of the stored content, as fields hold it.
	FileID int64
	// Folder is the id of the folder. In [Portal.SeedFile], 0 means the root of the first storage.
	Folder int64
	// Name is the name with its extension.
	Name string
	// ContentType is the type that a download declares. In SeedFile, "" means that of the extension.
	ContentType string
	// Content holds the bytes; do not modify them. It is nil for a file that is not in memory.
	Content []byte
	// Size is the number of bytes. In SeedFile it counts only without Content: the file then holds
	// [FileContent].
	Size int64

	stored *blob
}

// SHA256 returns the hash of the content in hexadecimal digits, also of an upload that was too large
// to keep. It reads the content unless the hash is known from an upload.
func (f File) SHA256() string {
	switch {
	case f.stored == nil:
		return hashOf(f.content())
	case f.stored.sum != "":
		return f.stored.sum
	}
	return hashOf(f.stored.content)
}

func (f File) content() content {
	if f.Content != nil {
		return bytes.NewReader(slices.Clone(f.Content))
	}
	return FileContent(f.Size)
}

// check reports what is wrong with a file that a test seeds.
func (f File) check() error {
	switch {
	case f.Name == "" || correctName(f.Name) != f.Name:
		return fmt.Errorf("the name %q is not possible", f.Name)
	case f.Size < 0:
		return fmt.Errorf("the size %d is negative", f.Size)
	}
	return nil
}

// SeedFile puts a file on the Drive and returns it with its ids. A portal on which a test has seeded
// no "disk.storage" has two storages: that of the company, which is the first, and that of the
// webhook's user. A wrong name, a folder that does not exist and a name that the folder has already
// fail the test.
func (p *Portal) SeedFile(f File) File {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	r, err := p.seedFile(f)
	if err != nil {
		p.report(fmt.Sprintf("b24test: seed file: %v", err))
		return File{}
	}
	return p.fileOf(r)
}

func (p *Portal) seedFile(f File) (*record, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	folder, err := p.folderAt(nil, Request{})
	if f.Folder != 0 {
		if folder = p.driveObject(int(f.Folder)); folder == nil || isDriveFile(folder) {
			err = fmt.Errorf("no folder %d", f.Folder)
		}
	}
	if err != nil {
		return nil, err
	}
	return p.addFile(folder, f.Name, p.data.files.seed(f), false, Request{})
}

// seed stores the content of a file.
func (r *room) seed(f File) *blob {
	b := r.store(f.Name, "", f.content(), "")
	if f.ContentType != "" {
		b.kind = f.ContentType
	}
	return b
}

// SeedFolder returns the id of the folder at a path, such as "Contracts/2026", below the root of the
// first storage, and adds the folders that are missing. The path "" is the root. See
// [Portal.SeedFile] about storages. A wrong name fails the test.
func (p *Portal) SeedFolder(path string) int64 {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	names := strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
	r, err := p.folderAt(names, Request{})
	if err != nil {
		p.report(fmt.Sprintf("b24test: seed folder %s: %v", path, err))
		return 0
	}
	return int64(php.Int(r.id))
}

// SeedFieldFile stores a file for a field of type file, see [Portal.Define], and returns it with its
// FileID, which is the value of the field in [Portal.Seed]. Folder is ignored. A wrong name fails
// the test.
func (p *Portal) SeedFieldFile(f File) File {
	if err := f.check(); err != nil {
		p.report(fmt.Sprintf("b24test: seed file: %v", err))
		return File{}
	}
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	b := p.data.files.seed(f)
	return b.file()
}

// Files returns all files of the portal, in the order in which their contents came: those of the
// Drive, uploads among them, and those of fields. Files in the trash are included.
func (p *Portal) Files() []File {
	p.data.mu.Lock()
	defer p.data.mu.Unlock()
	var files []File
	onDrive := map[int]bool{}
	for r := range each(p.table(driveObjects).rows()) {
		if b := p.data.files.blob(r.fields["FILE_ID"]); b != nil && isDriveFile(r) {
			onDrive[b.id] = true
			files = append(files, p.fileOf(r))
		}
	}
	for id, b := range p.data.files.blobs {
		if !onDrive[id] {
			files = append(files, b.file())
		}
	}
	slices.SortFunc(files, func(a, b File) int {
		if a.FileID != b.FileID {
			return int(a.FileID - b.FileID)
		}
		return int(a.ID - b.ID)
	})
	return files
}

// fileOf returns a file of the Drive.
func (p *Portal) fileOf(r *record) File {
	f := File{}
	if b := p.data.files.blob(r.fields["FILE_ID"]); b != nil {
		f = b.file()
	}
	f.ID, f.Folder, f.Name = int64(php.Int(r.id)), int64(php.Int(r.fields["PARENT_ID"])), php.Text(r.fields["NAME"])
	return f
}

func (b *blob) file() File {
	return File{
		FileID: int64(b.id), Name: b.name, ContentType: b.kind, Content: bytesOf(b.content), Size: b.content.Size(), stored: b,
	}
}
