#include "kinds/resource_key.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"

namespace resource_key_test {

using namespace phyllo;
using overlay::resource_key;
using testing::from_digits;

namespace {

resource_key key_of(std::string type, std::string subject) {
  resource_key k;
  k.form = overlay::key_form::owner;
  k.binding.fill(7);
  k.name.type = std::move(type);
  k.name.subject = std::move(subject);
  return k;
}

bool good(const resource_key& k) { return resource_key::decode(k.encode()) == k; }

}  // namespace

TEST_CASE("a ResourceKey comes back as it was, and nothing else is one") {
  overlay::resource_key k;
  k.form = overlay::key_form::domain;
  k.binding.fill(7);
  k.name = *overlay::name::parse("user location:alice@example.com");
  const auto encoded = k.encode();
  CHECK(overlay::resource_key::decode(encoded) == k);
  for (std::size_t i = 0; i < encoded.size(); ++i)
    CHECK_FALSE(overlay::resource_key::decode(core::byte_view(encoded).first(i)).has_value());
  auto other = encoded;
  other[0] = 3;
  CHECK_FALSE(overlay::resource_key::decode(other).has_value());
  other = encoded;
  other.push_back(0);
  CHECK_FALSE(overlay::resource_key::decode(other).has_value());
  k.name.type = "a:b";
  CHECK_FALSE(overlay::resource_key::decode(k.encode()).has_value());
}

TEST_CASE("a ResourceKey has the form, the binding and the name as record.md lays them out") {
  const auto k = key_of("t", "a@b");
  CHECK(k.encode() == from_digits("01 07070707070707070707070707070707 01 74 0003 614062"));
  testing::check_reads_whole_only(k.encode(), [](core::byte_view b) { return resource_key::decode(b).has_value(); });
  auto other = k.encode();
  other[0] = 0;
  CHECK_FALSE(resource_key::decode(other).has_value());
}

TEST_CASE("a ResourceKey has a type and a subject of at most 1023 octets, of plain UTF-8") {
  CHECK(good(key_of("user location", "zo\xc3\xab@example.com")));
  CHECK(good(key_of("t", std::string(1023, 's'))));
  CHECK_FALSE(good(key_of("t", std::string(1024, 's'))));
  CHECK(good(key_of(std::string(255, 't'), "s")));
  CHECK_FALSE(good(key_of("", "s")));
  CHECK_FALSE(good(key_of("t", "")));
  CHECK_FALSE(good(key_of("t\n", "s")));
  CHECK_FALSE(good(key_of("t", "s\xff")));
  CHECK_FALSE(good(key_of(":", "s")));
  CHECK(good(key_of("t", "a:b")));  // a subject may
}

}  // namespace resource_key_test
