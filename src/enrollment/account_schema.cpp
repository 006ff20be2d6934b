#include "account_schema.hpp"

#include <fmt/format.h>

#include "phyllo/enrollment/errc.hpp"

namespace phyllo::enrollment {
namespace {

constexpr std::int64_t schema_version = 5;

constexpr const char* schema = R"(
CREATE TABLE account (
  user TEXT PRIMARY KEY,
  salt BLOB NOT NULL, verifier BLOB NOT NULL, log2_n INTEGER NOT NULL,
  ha1_sha256 TEXT NOT NULL, ha1_md5 TEXT NOT NULL,
  domains TEXT NOT NULL,           -- a JSON array
  changed INTEGER NOT NULL,
  ha1_sha256_whole TEXT NOT NULL,  -- of the whole address as username
  ha1_md5_whole TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX account_changed ON account (changed);
CREATE TABLE node (
  user TEXT NOT NULL, device TEXT NOT NULL, node_id BLOB NOT NULL UNIQUE,
  made_ms INTEGER NOT NULL,
  ends_ms INTEGER NOT NULL,        -- its latest certificate
  peer_until_ms INTEGER NOT NULL,  -- the latest that gave the right to be a peer
  PRIMARY KEY (user, device)
) WITHOUT ROWID;
CREATE TABLE node_limit (user TEXT PRIMARY KEY, peers INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE change (only INTEGER PRIMARY KEY CHECK (only = 1), latest INTEGER NOT NULL);
INSERT INTO change VALUES (1, 0);
PRAGMA user_version = 5;
)";

}  // namespace

core::status prepare_account_schema(database& db) {
  auto t = transaction::begin(db);
  if (!t) return core::fail(t.error());
  const auto version = db.number("PRAGMA user_version");
  if (!version) return core::fail(version.error());
  if (*version != 0 && *version != schema_version) {
    return core::fail(errc::database, fmt::format("made by {} version of this program (schema {}, known {})",
                                                  *version > schema_version ? "a newer" : "an older", *version, schema_version));
  }
  if (*version == 0) {
    if (auto ok = db.execute(schema); !ok) return ok;
  }
  return (*t)->commit();
}

}  // namespace phyllo::enrollment
