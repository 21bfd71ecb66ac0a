/** `Content-Disposition` of a download, RFC 6266: a plain name for old programs, the real one percent-encoded. */
export function attachment(fileName: string): string {
  const name = fileName.toWellFormed();
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
