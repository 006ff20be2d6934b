#include "storage/sync_message.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/replica_values.hpp"

namespace sync_message_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::from_integer;
using overlay::sync_answer;
using overlay::sync_request;
using testing::check_reads_whole_only;
using testing::from_digits;
using testing::make_certificate;
using testing::value_at;

namespace {

const auto start = testing::replica_start;

core::result<sync_request> read_request(core::byte_view b) { return sync_request::decode(b); }
core::result<sync_answer> read_answer(core::byte_view b) { return sync_answer::decode(b); }

}  // namespace

TEST_CASE("a Sync names an arc, the asker's view, and one of three things to do with it") {
  const sync_request s{.where = {from_integer(5), from_integer(9)}, .view = 7, .ask = overlay::sync_ask::store, .content = {1, 2}};
  const auto bytes = s.encode();
  CHECK(bytes == from_digits("10 00000000000000000000000000000005 10 00000000000000000000000000000009 0000000000000007 03 000002 0102"));
  const auto back = read_request(bytes);
  REQUIRE(back.has_value());
  CHECK(back->where == s.where);
  CHECK(back->view == 7);
  CHECK(back->ask == overlay::sync_ask::store);
  CHECK(back->content == s.content);
  check_reads_whole_only(bytes, read_request);
  for (const auto ask : std::initializer_list<std::uint8_t>{0, 4, 255}) {
    auto other = bytes;
    other[42] = ask;
    CHECK_FALSE(read_request(other).has_value());
  }
  CHECK(
      read_request(sync_request{.where = {from_integer(5), from_integer(5)}, .view = 0, .ask = s.ask, .content = {}}.encode()).has_value());
  CHECK_FALSE(
      read_request(sync_request{.where = {from_integer(6), from_integer(5)}, .view = 0, .ask = s.ask, .content = {}}.encode()).has_value());
}

TEST_CASE("a SyncAns is of one of six kinds") {
  for (std::uint8_t kind = 0; kind <= 5; ++kind) {
    const sync_answer a{.view = 7, .kind = overlay::sync_reply{kind}, .content = {9}};
    const auto bytes = a.encode();
    CHECK(bytes == from_digits("0000000000000007 0" + std::to_string(kind) + " 000001 09"));
    CHECK(read_answer(bytes)->kind == a.kind);
    CHECK(read_answer(bytes)->view == 7);
    CHECK(read_answer(bytes)->content == a.content);
    check_reads_whole_only(bytes, read_answer);
  }
  CHECK_FALSE(read_answer(from_digits("0000000000000007 06 000000")).has_value());
}

TEST_CASE("digests, keys and items are read one after the other, to the end, and 1024 of them at most") {
  overlay::item_digest d{};
  d.fill(0x11);
  CHECK(overlay::encode_digests({d, {}}) == from_digits("11111111111111111111111111111111 00000000000000000000000000000000"));
  CHECK(overlay::decode_digests(overlay::encode_digests({d, {}})) == std::vector{d, overlay::item_digest{}});
  CHECK_FALSE(overlay::decode_digests(core::bytes(17)).has_value());
  CHECK(overlay::decode_digests(core::bytes(16 * 1024))->size() == 1024);
  CHECK_FALSE(overlay::decode_digests(core::bytes(16 * 1025)).has_value());

  const overlay::item_key key{from_integer(5), 3, {'a'}};
  const auto keys = overlay::encode_keys({key});
  CHECK(keys == from_digits("10 00000000000000000000000000000005 00000003 0001 61"));
  CHECK(overlay::decode_keys(keys) == std::vector{key});
  for (std::size_t n = 1; n < keys.size(); ++n) CHECK_FALSE(overlay::decode_keys(core::byte_view(keys).first(n)).has_value());
  CHECK_FALSE(overlay::decode_keys(overlay::encode_keys(std::vector(1025, key))).has_value());

  overlay::sync_item item{key, {.storage_time = 7, .hash = {}}};
  item.version.hash.fill(0x22);
  const auto items = overlay::encode_items({item});
  CHECK(items == from_digits("10 00000000000000000000000000000005 00000003 0001 61 0000000000000007"
                             "2222222222222222222222222222222222222222222222222222222222222222"));
  CHECK(overlay::decode_items(items) == std::vector{item});
  for (std::size_t n = 1; n < items.size(); ++n) CHECK_FALSE(overlay::decode_items(core::byte_view(items).first(n)).has_value());
  CHECK(overlay::decode_items({})->empty());
}

TEST_CASE("a batch of values stays near 30 kB, carries each certificate once, and takes all in the end") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  std::vector<overlay::item_key> keys;
  for (std::uint64_t i = 0; i < 100; ++i) {
    store.put(from_integer(i), kind, value_at(1, "k", std::string(1000, 'x')), signer, start);
    keys.push_back({from_integer(i), kind, core::to_bytes("k")});
  }
  std::size_t values = 0, batches = 0;
  while (!keys.empty()) {
    const auto batch = overlay::take_batch(store, keys, start);
    const auto encoded = batch.encode();
    CHECK(encoded.size() < 36'000);
    CHECK(batch.certificates.size() == 1);
    const auto back = overlay::sync_values::decode(encoded, overlay::known_kinds(), identity::trust("example.org"));
    REQUIRE(back.has_value());
    CHECK(back->values.size() == batch.values.size());
    values += batch.values.size();
    ++batches;
  }
  CHECK(values == 100);
  CHECK(batches == 4);
}

TEST_CASE("a batch leaves out what is not held any more, and carries what is left of each lifetime") {
  overlay::replica_store store(overlay::known_kinds(), {});
  const auto signer = make_certificate("alice@example.com");
  const auto kind = overlay::resource_kind.id;
  store.put(from_integer(1), kind, value_at(1, "k", "x", 100), signer, start);
  store.put(from_integer(2), kind, value_at(1, "k", "x", 50), signer, start);
  store.raise_generation(from_integer(1), kind, 8);
  std::vector<overlay::item_key> keys;
  for (const std::uint64_t r : {1U, 2U, 3U}) keys.push_back({from_integer(r), kind, core::to_bytes("k")});
  const auto batch = overlay::take_batch(store, keys, start + 60s);  // the second has expired, the third never was
  CHECK(keys.empty());
  REQUIRE(batch.values.size() == 1);
  CHECK(batch.values[0].resource == from_integer(1));
  CHECK(batch.values[0].generation == 8);
  CHECK(batch.values[0].data.lifetime == 40);
  REQUIRE(batch.certificates.size() == 1);
}

TEST_CASE("values of Kinds that are not known yet are passed over, and certificates that do not parse") {
  const auto signer = make_certificate("alice@example.com");
  auto d = value_at(1, "k", "x");
  d.signature.identity_value = core::bytes{4, 32};
  core::append(d.signature.identity_value, signer.fingerprint());
  const overlay::sync_values v{.certificates = {signer},
                               .values = {{from_integer(1), 0x7777, 1, d}, {from_integer(2), overlay::resource_kind.id, 2, d}}};
  const identity::trust trust("test.overlay");
  const auto back = overlay::sync_values::decode(v.encode(), overlay::known_kinds(), trust);
  REQUIRE(back.has_value());
  REQUIRE(back->values.size() == 1);
  CHECK(back->values[0].resource == from_integer(2));
  CHECK(back->values[0].generation == 2);
  REQUIRE(back->signer_of(back->values[0].data) != nullptr);
  CHECK(*back->signer_of(back->values[0].data) == signer);
  d.signature.identity_value.back() ^= 1;
  CHECK(back->signer_of(d) == nullptr);
  const auto garbage = overlay::sync_values::decode(from_digits("000005 0003 010203"), overlay::known_kinds(), trust);
  REQUIRE(garbage.has_value());
  CHECK(garbage->certificates.empty());
  CHECK_FALSE(overlay::sync_values::decode(from_digits("000005 0004 010203"), overlay::known_kinds(), trust).has_value());
  const auto bytes = v.encode();
  CHECK_FALSE(overlay::sync_values::decode(core::byte_view(bytes).first(bytes.size() - 1), overlay::known_kinds(), trust).has_value());
}

}  // namespace sync_message_test
