#include "kinds/stored_data.hpp"

#include <doctest.h>

#include <random>

#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/errc.hpp"
#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"

namespace stored_data_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::data_model;
using overlay::stored_data;

namespace {

// The Kinds of the example in RFC 6940 s.7.4.1.1: X (single value), Y (array); and a dictionary.
constexpr std::array<overlay::kind, 3> kinds{
    {{.id = 1, .model = data_model::single, .count_max = 1, .size_max = 100, .total_max = 1000},
     {.id = 2, .model = data_model::array, .count_max = 9, .size_max = 100, .total_max = 1000},
     {.id = 3, .model = data_model::dictionary, .count_max = 9, .size_max = 100, .total_max = 1000}}};

class generator {
 public:
  explicit generator(std::uint64_t seed) : random_(seed) {}
  std::uint64_t number(std::uint64_t max) { return std::uniform_int_distribution<std::uint64_t>(0, max)(random_); }
  core::bytes bytes(std::size_t max) {
    core::bytes out(number(max));
    for (auto& b : out) b = static_cast<std::uint8_t>(number(255));
    return out;
  }
  overlay::node_id id() {
    overlay::node_id i;
    for (auto& b : i.octets) b = static_cast<std::uint8_t>(number(255));
    return i;
  }
  stored_data value(data_model model) {
    stored_data d;
    d.storage_time = random_();
    d.lifetime = static_cast<std::uint32_t>(random_());
    d.value.model = model;
    if (model == data_model::array) d.value.index = static_cast<std::uint32_t>(random_());
    if (model == data_model::dictionary) d.value.key = bytes(40);
    d.value.exists = number(3) > 0;
    if (d.value.exists) d.value.value = bytes(60);
    d.signature.identity_value = bytes(40);
    d.signature.value = bytes(70);
    return d;
  }

 private:
  std::mt19937_64 random_;
};

core::bytes encoded(const stored_data& d) {
  core::bytes out;
  core::wire_writer w(out);
  d.write(w);
  return out;
}

// Decodes, encodes again, and sees every cut of it refused.
template <class Decode, class Encode>
void round_trip(const core::bytes& bytes, Decode decode, Encode encode) {
  const auto back = decode(bytes);
  REQUIRE(back.has_value());
  CHECK(encode(*back) == bytes);
  for (std::size_t i = 0; i < bytes.size(); ++i) CHECK_FALSE(decode(core::byte_view(bytes).first(i)).has_value());
  auto longer = bytes;
  longer.push_back(0);
  CHECK_FALSE(decode(longer).has_value());
}

identity::credential make_credential(const std::string& user = "alice@example.com") {
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  const auto ca = identity::authority::create("test", now - 1h);
  auto key = identity::private_key::generate();
  identity::authority::request r;
  r.node.octets.fill(5);
  r.user = user;
  r.overlay = "test.overlay";
  r.not_before = now - 1h;
  r.not_after = now + 24h;
  auto certificate = ca.issue(r, key.native()).value();
  return {std::move(certificate), std::move(key)};
}

}  // namespace

TEST_CASE("the example store of RFC 6940 has this form on the wire") {
  overlay::store_request r;
  r.resource.octets.fill(0x12);
  stored_data abc;
  abc.storage_time = 0x0102030405060708;
  abc.lifetime = 86400;
  abc.value.model = data_model::single;
  abc.value.value = core::to_bytes("abc");
  abc.signature = {.hash = 8, .algorithm = 7, .identity_type = 1, .identity_value = {0xAA}, .value = {0xBB}};
  stored_data foo = abc;
  foo.value = {.model = data_model::array, .index = 0, .key = {}, .exists = true, .value = core::to_bytes("foo")};
  stored_data bar = foo;
  bar.lifetime = 33200;
  bar.value.index = 1;
  bar.value.value = core::to_bytes("bar");
  r.kinds = {{.kind = 1, .generation = 99, .values = {abc}}, {.kind = 2, .generation = 107, .values = {foo, bar}}};
  const std::string signature =
      "08070100"
      "01aa"
      "0001bb";
  const std::string head = "0102030405060708";
  const auto x = head + "00015180" +
                 "01"
                 "00000003"
                 "616263" +
                 signature;
  const auto y0 = head + "00015180" +
                  "00000000"
                  "01"
                  "00000003"
                  "666f6f" +
                  signature;
  const auto y1 = head + "000081b0" +
                  "00000001"
                  "01"
                  "00000003"
                  "626172" +
                  signature;
  const auto expected = "10" + std::string(32, ' ') + "00" + "0000008b" +
                        "00000001"
                        "0000000000000063"
                        "00000021"
                        "0000001d" +
                        x +
                        "00000002"
                        "000000000000006b"
                        "0000004a"
                        "00000021" +
                        y0 + "00000021" + y1;
  auto hex = core::to_hex(r.encode());
  hex.replace(2, 32, std::string(32, ' '));
  CHECK(hex == expected);
  round_trip(
      r.encode(), [](core::byte_view b) { return overlay::store_request::decode(b, kinds); }, [](const auto& s) { return s.encode(); });
}

TEST_CASE("random values of all models come back from the wire as they were") {
  generator g(1);
  for (int i = 0; i < 300; ++i) {
    for (const auto model : {data_model::single, data_model::array, data_model::dictionary}) {
      const auto d = g.value(model);
      const auto bytes = encoded(d);
      CHECK(bytes.size() == d.size());
      core::wire_reader r(bytes);
      const auto back = stored_data::read(r, model);
      CHECK(r.done());
      CHECK(encoded(back) == bytes);
      CHECK(back.version() == d.version());
    }
  }
}

TEST_CASE("random storage messages come back from the wire as they were") {
  generator g(2);
  for (int i = 0; i < 20; ++i) {
    overlay::store_request s;
    s.resource = g.id();
    s.replica_number = static_cast<std::uint8_t>(g.number(255));
    overlay::fetch_answer fa;
    overlay::stat_answer sa;
    for (const auto& k : kinds) {
      s.kinds.push_back({.kind = k.id, .generation = g.number(~0ULL), .values = {}});
      fa.kinds.push_back({.kind = k.id, .generation = g.number(~0ULL), .values = {}});
      sa.kinds.push_back({.kind = k.id, .generation = g.number(~0ULL), .values = {}});
      for (std::uint64_t n = g.number(2); n > 0; --n) {
        const auto d = g.value(k.model);
        s.kinds.back().values.push_back(d);
        fa.kinds.back().values.push_back(d);
        sa.kinds.back().values.push_back(overlay::stored_metadata::of(d, 5));
      }
    }
    round_trip(
        s.encode(), [](core::byte_view b) { return overlay::store_request::decode(b, kinds); }, [](const auto& m) { return m.encode(); });
    round_trip(
        fa.encode(), [](core::byte_view b) { return overlay::fetch_answer::decode(b, kinds); }, [](const auto& m) { return m.encode(); });
    round_trip(
        sa.encode(), [](core::byte_view b) { return overlay::stat_answer::decode(b, kinds); }, [](const auto& m) { return m.encode(); });
    overlay::store_answer a{
        {{.kind = 3, .generation = g.number(~0ULL), .replicas = {g.id(), g.id()}}, {.kind = 1, .generation = 1, .replicas = {}}}};
    round_trip(a.encode(), [](core::byte_view b) { return overlay::store_answer::decode(b); }, [](const auto& m) { return m.encode(); });
    overlay::fetch_request f;
    f.resource = g.id();
    f.specifiers = {{.kind = 1, .generation = 4, .ranges = {}, .keys = {}},
                    {.kind = 2, .generation = 0, .ranges = {{0, 3}, {7, 0xffffffff}}, .keys = {}},
                    {.kind = 3, .generation = 9, .ranges = {}, .keys = {g.bytes(20), g.bytes(20)}}};
    round_trip(
        f.encode(kinds), [](core::byte_view b) { return overlay::fetch_request::decode(b, kinds); },
        [](const auto& m) { return m.encode(kinds); });
    overlay::find_request fr{g.id(), {1, 2, 3}};
    round_trip(fr.encode(), [](core::byte_view b) { return overlay::find_request::decode(b); }, [](const auto& m) { return m.encode(); });
    overlay::find_answer fi{{{1, g.id()}, {2, {}}}};
    round_trip(fi.encode(), [](core::byte_view b) { return overlay::find_answer::decode(b); }, [](const auto& m) { return m.encode(); });
    overlay::replica_state rs{.view = g.number(~0ULL), .holders = 3, .members = {g.id(), g.id()}, .unsynced = {g.id()}};
    round_trip(
        rs.encode().content, [](core::byte_view b) { return overlay::replica_state::decode(b); },
        [](const auto& m) { return m.encode().content; });
    overlay::sync_request sr{.where = {{}, g.id()}, .view = g.number(~0ULL), .ask = overlay::sync_ask::fetch, .content = g.bytes(50)};
    round_trip(sr.encode(), [](core::byte_view b) { return overlay::sync_request::decode(b); }, [](const auto& m) { return m.encode(); });
    overlay::sync_answer an{.view = 3, .kind = overlay::sync_reply::items, .content = g.bytes(50)};
    round_trip(an.encode(), [](core::byte_view b) { return overlay::sync_answer::decode(b); }, [](const auto& m) { return m.encode(); });
  }
}

TEST_CASE("a Kind that is unknown, or there twice, is told apart from what is malformed") {
  overlay::store_request s;
  s.kinds = {{.kind = 77, .generation = 1, .values = {}}};
  const auto unknown = overlay::store_request::decode(s.encode(), kinds);
  REQUIRE(unknown.has_value());
  CHECK(unknown->unknown == std::vector<overlay::kind_id>{77});
  s.kinds = {{.kind = 1, .generation = 1, .values = {}}, {.kind = 1, .generation = 1, .values = {}}};
  CHECK_FALSE(overlay::store_request::decode(s.encode(), kinds).has_value());
  overlay::fetch_request f;
  f.specifiers = {{.kind = 2, .generation = 0, .ranges = {{0, 5}, {5, 7}}, .keys = {}}};
  CHECK_FALSE(overlay::fetch_request::decode(f.encode(kinds), kinds).has_value());
  f.specifiers[0].ranges = {{6, 5}};
  CHECK_FALSE(overlay::fetch_request::decode(f.encode(kinds), kinds).has_value());
  overlay::find_request find{{}, {4, 4}};
  CHECK_FALSE(overlay::find_request::decode(find.encode()).has_value());
}

TEST_CASE("a value's signature covers resource, Kind, time and value, and neither lifetime nor an array's index") {
  const auto alice = make_credential();
  overlay::resource_id resource;
  resource.octets.fill(9);
  stored_data d;
  d.storage_time = 1000;
  d.lifetime = 60;
  d.value = {.model = data_model::array, .index = 0, .key = {}, .exists = true, .value = core::to_bytes("v")};
  overlay::sign(d, resource, 2, alice);
  CHECK(verify(d, resource, 2, alice.certificate).has_value());
  core::bytes signature;
  core::wire_writer w(signature);
  d.signature.write(w);
  CHECK(signature.size() == 105);
  d.lifetime = 50;
  d.value.index = 4;
  CHECK(verify(d, resource, 2, alice.certificate).has_value());
  auto other = d;
  other.storage_time = 1001;
  CHECK_FALSE(verify(other, resource, 2, alice.certificate).has_value());
  other = d;
  other.value.value = core::to_bytes("w");
  CHECK_FALSE(verify(other, resource, 2, alice.certificate).has_value());
  CHECK_FALSE(verify(d, resource, 3, alice.certificate).has_value());
  CHECK_FALSE(verify(d, {}, 2, alice.certificate).has_value());
  CHECK_FALSE(verify(d, resource, 2, make_credential().certificate).has_value());
  CHECK(verify(overlay::nonexistent(data_model::single, {}), resource, 2, alice.certificate).error() == overlay::errc::forbidden);
}

TEST_CASE("of two values the later storage time wins, and at the same time the greater hash") {
  stored_data a;
  a.storage_time = 5;
  a.value.value = core::to_bytes("a");
  auto b = a;
  CHECK(a.version() == b.version());
  b.value.value = core::to_bytes("b");
  CHECK(a.version() != b.version());
  CHECK((a.version() < b.version()) != (b.version() < a.version()));
  b.storage_time = 6;
  CHECK(a.version() < b.version());
}

TEST_CASE("Stat's digest is over the value with its length") {
  stored_data d;
  d.value.value = core::to_bytes("abc");
  const auto m = overlay::stored_metadata::of(d, 7);
  const core::bytes text{0, 0, 0, 3, 'a', 'b', 'c'};
  const auto hash = identity::sha256(text);
  CHECK(core::equal(m.hash, hash));
  CHECK(m.length == 3);
  CHECK(m.lifetime == 7);
}

TEST_CASE("a critical extension that storage does not know is refused, another is not") {
  const std::vector<overlay::extension> critical{{.type = 0x1234, .critical = true, .content = {}}};
  CHECK(overlay::decode(critical).error() == overlay::error_code::unknown_extension);
  const std::vector<overlay::extension> harmless{{.type = 0x1234, .critical = false, .content = {}}};
  CHECK(overlay::decode(harmless).has_value());
  const std::vector<overlay::extension> cut{{.type = 0xF001, .critical = true, .content = {1, 2, 3}}};
  CHECK(overlay::decode(cut).error() == overlay::error_code::invalid_message);
  const auto all = overlay::decode(overlay::encode({.view = 7, .quorum = true, .if_absent = true}));
  REQUIRE(all.has_value());
  CHECK(all->view == 7);
  CHECK(all->quorum);
  CHECK(all->if_absent);
}

}  // namespace stored_data_test
