// What a node holds is kept in its file: a ring that was off as a whole has it again.
#include <doctest.h>

#include "kinds/access_policy.hpp"
#include "storage/record_log.hpp"
#include "storage/storage.hpp"
#include "support/memory_record_file.hpp"
#include "support/storage_ring.hpp"

namespace storage_saving_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;
using testing::memory_record_file;
using testing::storage_ring;

namespace {

std::string name_of(std::size_t i) { return "data:u" + std::to_string(i) + "@example.com"; }

}  // namespace

TEST_CASE("what all nodes kept is there again after all were killed and started again, and what was removed stays away") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(8, o);
  for (std::size_t i = 0; i < 100; ++i) REQUIRE(ring.add(i % 8, name_of(i), "v" + std::to_string(i)).has_value());
  REQUIRE(ring.remove(1, name_of(7)).has_value());
  REQUIRE(ring.update(2, name_of(8), "newer").has_value());
  ring.run_for(5s);
  ring.switch_off_and_on(10s);
  CHECK(ring.settle());
  for (std::size_t i = 0; i < 100; ++i) {
    CAPTURE(i);
    const auto got = ring.get((i + 3) % 8, name_of(i), i % 2 == 0);
    if (i == 7) {
      CHECK(got.error() == errc::not_found);
      continue;
    }
    REQUIRE(got.has_value());
    CHECK(got->values.size() == (i == 8 ? 2 : 1));  // entries of two writers
    CHECK(got->values.at(0).lifetime_s <= 3590);
  }
  // Its version and generation were kept too: the same writer's next value is newer.
  CHECK(ring.update(3, name_of(3), "after").has_value());
}

TEST_CASE("a start writes what was kept once") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(ring.add(0, name_of(i), "v").has_value());
  ring.run_for(5s);
  const auto before = ring.file(0).content.size();
  ring.switch_off_and_on(1s);
  ring.run_for(5s);
  CHECK(ring.file(0).replaced >= 1);
  CHECK(ring.file(0).content.size() <= before);
}

TEST_CASE("a node serves while it reads what it kept: others are asked, and what is newer stays") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(7, o);
  for (std::size_t i = 0; i < 50; ++i) REQUIRE(ring.add(i % 7, name_of(i), "v").has_value());
  ring.run_for(5s);
  const auto held = ring.at(2).counts().records;
  ring.file(2).before_read = [&ring] { return core::sleep_for(ring.world.env(), 10s); };
  ring.restart(2);
  CHECK(ring.at(2).counts().records == 0);
  ring.run_for(1s);
  const auto reading_until = ring.world.now() + 8s;
  for (std::size_t i = 0; i < 50 && ring.world.now() < reading_until; ++i) {
    CAPTURE(i);
    const auto got = ring.get(i % 7, name_of(i), i % 2 == 0);
    REQUIRE(got.has_value());
    CHECK(got->values.size() == 1);
  }
  REQUIRE(ring.world.now() < reading_until);
  REQUIRE(ring.update(4, name_of(4), "newer").has_value());
  REQUIRE(ring.remove(5, name_of(5)).has_value());
  ring.run_for(15s);
  CHECK(ring.settle());
  CHECK(ring.at(2).counts().records >= held - 1);
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(ring.get(i, name_of(4))->values.at(0).content.value == "newer");
    CHECK(ring.get(i, name_of(5)).error() == errc::not_found);
  }
}

TEST_CASE("a node that is stopped while it reads has lost nothing") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(ring.add(0, name_of(i), "v").has_value());
  ring.run_for(5s);
  ring.file(0).before_read = [&ring] { return core::sleep_for(ring.world.env(), 3s); };
  ring.restart(0);
  REQUIRE(ring.add(0, "data:meanwhile@example.com", "v").has_value());
  ring.restart(0);
  ring.run_for(10s);
  CHECK(ring.at(0).counts().records == 21);
}

TEST_CASE("a node that is stopped and has not read all within five seconds leaves its file as it was") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(ring.add(0, name_of(i), "v").has_value());
  ring.run_for(5s);
  const auto whole = ring.file(0).content;
  ring.file(0).before_read = [&ring] { return core::sleep_for(ring.world.env(), 8s); };
  ring.restart(0);
  ring.restart(0);
  CHECK(ring.file(0).content == whole);
  ring.run_for(10s);
  CHECK(ring.at(0).counts().records == 20);
}

TEST_CASE("time that a ring was off counts") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(3, o);
  REQUIRE(ring.add(0, name_of(1), "for a minute", 60s).has_value());
  REQUIRE(ring.add(0, name_of(2), "for an hour", 3600s).has_value());
  ring.run_for(5s);
  ring.switch_off_and_on(2min);
  CHECK(ring.get(1, name_of(1)).error() == errc::not_found);
  CHECK(ring.get(1, name_of(2)).has_value());
}

TEST_CASE("a file that was torn is used as far as it goes, a damaged one is set aside, and both are written anew") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  for (std::size_t i = 0; i < 20; ++i) REQUIRE(ring.add(0, name_of(i), "v").has_value());
  ring.run_for(5s);
  auto& file = ring.file(0);
  const auto whole = file.content;
  file.content.resize(whole.size() - 3);
  ring.switch_off_and_on(1s);
  CHECK(ring.at(0).counts().records == 19);
  CHECK(file.aside.empty());
  ring.run_for(5s);
  file.content = whole;
  file.content[whole.size() / 2] ^= 1;
  ring.switch_off_and_on(1s);
  CHECK(ring.at(0).counts().records > 3);
  CHECK(ring.at(0).counts().records < 19);
  CHECK_FALSE(file.aside.empty());
  REQUIRE(ring.add(0, "data:new@example.com", "v").has_value());
  const auto held = ring.at(0).counts().records;
  ring.run_for(5s);
  ring.switch_off_and_on(1s);
  CHECK(ring.at(0).counts().records == held);
  file.content = core::to_bytes("something else");
  ring.switch_off_and_on(1s);
  CHECK(ring.at(0).counts().records == 0);
  CHECK(file.aside == core::to_bytes("something else"));
}

TEST_CASE("a value in the file whose signature does not hold is not taken up") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  const auto mallory = ring.make_credential("mallory@example.com", {});
  REQUIRE(ring.add(0, name_of(1), "v").has_value());
  ring.run_for(5s);
  // A value that is well framed, by somebody who may not write it.
  overlay::saved_value forged;
  const auto bobs = *overlay::name::parse("data:bob@example.com");
  forged.resource = bobs.key();
  forged.kind = overlay::resource_kind.id;
  forged.expires_ms = ~std::uint64_t{0};
  overlay::resource_key key{.form = overlay::key_form::owner, .binding = mallory.certificate.node().octets, .name = bobs};
  forged.data.value.key = key.encode();
  forged.data.storage_time = 1;
  forged.data.lifetime = 60;
  overlay::sign(forged.data, bobs.key(), forged.kind, mallory);
  overlay::append_certificate(ring.file(0).content, mallory.certificate.der());
  overlay::append_value(ring.file(0).content, forged);
  ring.switch_off_and_on(1s);
  CHECK(ring.at(0).counts().records == 1);
  CHECK(ring.metrics(0).drops().at("value_refused") == 1);
}

TEST_CASE("while nothing can be written the node serves, and what changed meanwhile is written later") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  ring.file(0).fails = true;
  REQUIRE(ring.add(0, name_of(1), "v").has_value());
  ring.run_for(15s);
  CHECK(ring.metrics(0).drops().at("records_not_kept") > 0);
  CHECK(ring.get(0, name_of(1)).has_value());
  ring.file(0).fails = false;
  ring.run_for(15s);
  ring.switch_off_and_on(1s);
  CHECK(ring.get(0, name_of(1)).has_value());
}

TEST_CASE("a file that has grown with changes is written anew") {
  storage_ring::options o;
  o.files = true;
  storage_ring ring(1, o);
  for (int i = 0; i < 2000; ++i) {
    REQUIRE(ring.update(0, name_of(1), std::string(3000, 'x')).has_value());
    ring.run_for(2500ms);
  }
  CHECK(ring.file(0).replaced == 2);  // at the start, and once since
  CHECK(ring.file(0).content.size() < 5 * 1024 * 1024);
  CHECK(ring.at(0).counts().records == 1);
}

}  // namespace storage_saving_test
