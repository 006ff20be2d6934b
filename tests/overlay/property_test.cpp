// What is printed reads back the same; what is cut short or altered is refused, or is another value of the same form.
#include <doctest.h>

#include <cstdlib>

#include "support/wire_structures.hpp"

namespace property_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

// PHYLLO_SEED=n repeats a run.
std::uint64_t seed() {
  const char* given = std::getenv("PHYLLO_SEED");
  const auto s = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  MESSAGE("PHYLLO_SEED=", s);
  return s;
}

constexpr int rounds = 60;

}  // namespace

TEST_CASE("every structure reads back as it was printed, and no cut of it reads") {
  message_generator g(seed());
  for (const auto& s : wire_structures()) {
    CAPTURE(s.name);
    for (int i = 0; i < rounds; ++i) {
      const auto bytes = s.make(g);
      CAPTURE(core::to_hex(bytes));
      REQUIRE(s.again(bytes) == bytes);
      const auto step = bytes.size() / 64 + 1;
      std::size_t cuts_read = 0;
      for (std::size_t n = 0; n < bytes.size(); n += step) cuts_read += s.again(core::byte_view(bytes).first(n)).has_value() ? 1 : 0;
      if (!s.open_end) CHECK(cuts_read == 0);
    }
  }
}

TEST_CASE("a structure with altered bits is refused, or is read as what it then says") {
  message_generator g(seed());
  for (const auto& s : wire_structures()) {
    CAPTURE(s.name);
    for (int i = 0; i < rounds; ++i) {
      auto bytes = s.make(g);
      for (std::uint64_t flips = 1 + g.number(2); flips > 0 && !bytes.empty(); --flips) {
        bytes[g.number(bytes.size() - 1)] ^= static_cast<std::uint8_t>(1U << g.number(7));
      }
      CAPTURE(core::to_hex(bytes));
      const auto once = s.again(bytes);
      if (!once) continue;
      CHECK(s.again(*once) == *once);  // unknown parts may be left out once, never changed
    }
  }
}

TEST_CASE("whole messages of every code are read as they were sealed, and their signatures hold") {
  message_generator g(seed());
  for (const auto c : message_generator::codes()) {
    CAPTURE(c);
    for (int i = 0; i < 10; ++i) {
      const auto m = g.contents(c);
      const auto h = g.header(overlay::is_request(c));
      const auto whole = h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, g.self()));
      const auto parsed = overlay::parse_header(whole);
      REQUIRE(parsed.has_value());
      CHECK(parsed->header.destinations == h.destinations);
      CHECK(parsed->header.via == h.via);
      CHECK(parsed->header.options == h.options);
      const auto opened = overlay::open_payload(parsed->payload);
      REQUIRE(opened.has_value());
      CHECK(opened->contents.code == c);
      CHECK(opened->contents.body == m.body);
      CHECK(verify_payload(*opened, h.overlay, h.transaction_id, g.self().certificate).has_value());
      CHECK_FALSE(verify_payload(*opened, h.overlay, h.transaction_id + 1, g.self().certificate).has_value());
      // One altered bit of what is signed: it does not read, or its signature does not hold.
      auto altered = core::to_bytes(parsed->payload);
      altered[g.number(opened->signed_part.size() - 1)] ^= static_cast<std::uint8_t>(1U << g.number(7));
      const auto again = overlay::open_payload(altered);
      if (again) CHECK_FALSE(verify_payload(*again, h.overlay, h.transaction_id, g.self().certificate).has_value());
    }
  }
}

}  // namespace property_test
