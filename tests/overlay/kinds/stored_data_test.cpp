#include "kinds/stored_data.hpp"

#include <doctest.h>

#include <random>

#include "phyllo/overlay/errc.hpp"

namespace stored_data_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::data_model;
using overlay::stored_data;

namespace {

class generator {
 public:
  explicit generator(std::uint64_t seed) : random_(seed) {}
  std::uint64_t number(std::uint64_t max) { return std::uniform_int_distribution<std::uint64_t>(0, max)(random_); }
  core::bytes bytes(std::size_t max) {
    core::bytes out(number(max));
    for (auto& b : out) b = static_cast<std::uint8_t>(number(255));
    return out;
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

}  // namespace stored_data_test
