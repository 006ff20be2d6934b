// Bodies of Sync and SyncAns (storage.md, S): how two replicas compare an arc and exchange what differs, many values a
// message. Carried in RouteQuery's sync; certificates of the values' signers travel inside.
#pragma once

#include <optional>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/identity/trust.hpp"
#include "storage/digest_tree.hpp"

namespace phyllo::overlay {

inline constexpr std::size_t sync_bytes_max = 30'000;  // of values in one message

enum class sync_ask : std::uint8_t {
  compare = 1,  // content: the asker's digest of the arc (16)
  fetch = 2,    // content: ItemKey ...
  store = 3,    // content: as of SyncAns values
};

//  ItemKey: ResourceId (17) | kind (4) | length (2) entry
//  Item:    ItemKey | storage_time (8) | hash (32)
//  Sync:    first (17) | last (17) | view (8) | ask (1) | length (3) content
struct sync_request {
  arc where;
  std::uint64_t view = 0;
  sync_ask ask = sync_ask::compare;
  core::bytes content;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<sync_request> decode(core::byte_view body);
};

enum class sync_reply : std::uint8_t {
  same = 0,      // the digests are equal; no content
  children = 1,  // digests (16 each) of the arc's parts
  items = 2,     // Item ... : all that the answerer holds in the arc
  stranger = 3,  // the asker is no neighbour of the answerer (yet); no content
  values = 4,    // length (3) certificates: length (2) DER ... | Value ...: ResourceId | kind (4) | generation (8) | StoredData
  taken = 5,     // the values were judged one by one; no content
};

//  SyncAns: view (8) | kind (1) | length (3) content      view: of the answerer over the arc, 0 if it is not one there
struct sync_answer {
  std::uint64_t view = 0;
  sync_reply kind = sync_reply::same;
  core::bytes content;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<sync_answer> decode(core::byte_view body);
};

[[nodiscard]] core::bytes encode_digests(const std::vector<item_digest>& digests);
[[nodiscard]] core::result<std::vector<item_digest>> decode_digests(core::byte_view content);
[[nodiscard]] core::bytes encode_keys(const std::vector<item_key>& keys);
[[nodiscard]] core::result<std::vector<item_key>> decode_keys(core::byte_view content);
[[nodiscard]] core::bytes encode_items(const std::vector<sync_item>& items);
[[nodiscard]] core::result<std::vector<sync_item>> decode_items(core::byte_view content);

struct sync_value {
  resource_id resource;
  kind_id kind = 0;
  std::uint64_t generation = 0;
  stored_data data;
};
struct sync_values {
  std::vector<identity::certificate> certificates;
  std::vector<sync_value> values;

  [[nodiscard]] core::bytes encode() const;
  // Certificates that do not parse, and values of unknown Kinds, are left out.
  // `trust` reads the certificates; whether it believes them is not asked.
  [[nodiscard]] static core::result<sync_values> decode(core::byte_view content, kind_table kinds, const identity::trust& trust);
  [[nodiscard]] const identity::certificate* signer_of(const stored_data& d) const;
};
// As many of the keys' values as one message takes, from the front; what was taken (or is not held) leaves `keys`.
[[nodiscard]] sync_values take_batch(const replica_store& store, std::vector<item_key>& keys, core::time_point now);

}  // namespace phyllo::overlay
