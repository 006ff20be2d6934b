// Replicated storage in a simulated ring: writes, reads, conditions, removal, lifetimes, quotas.
#include "storage/storage.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "support/storage_ring.hpp"

namespace storage_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::errc;
using testing::storage_ring;

namespace {

const std::string name = "data:alice@example.com";

std::size_t outside(const storage_ring& ring, std::size_t replicas = 5) {  // a node that holds no copy
  return ring.nearest(overlay::name::parse(name)->key())[replicas];
}

std::size_t root(const storage_ring& ring) { return ring.nearest(overlay::name::parse(name)->key())[0]; }

}  // namespace

TEST_CASE("what one node adds every node gets") {
  storage_ring ring(8);
  const auto added = ring.add(0, name, "hello");
  REQUIRE(added.has_value());
  CHECK(added->acknowledged >= 3);
  CHECK(added->replicas.size() == 4);
  CHECK(added->root == ring.id(root(ring)));
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const auto got = ring.get(i, name);
    REQUIRE(got.has_value());
    REQUIRE(got->values.size() == 1);
    CHECK(got->values[0].content.value == "hello");
    CHECK(got->values[0].signer == "user0@example.com");
    CHECK(got->values[0].lifetime_s <= 3600);
    CHECK(got->values[0].lifetime_s >= 3590);
    CHECK(got->took < 1s);
  }
}

TEST_CASE("who holds a value reads it without judging it again, but for the trust in its signer") {
  storage_ring ring(1);
  REQUIRE(ring.add(0, name, "alone").has_value());
  CHECK(ring.get(0, name)->values.size() == 1);
  REQUIRE(ring.trust.update({ring.ca.certificate_der()}, {ring.id(0)}).has_value());
  const auto got = ring.get(0, name);
  CHECK((!got || got->values.empty()));
}

TEST_CASE("a name that nobody stored is not found") {
  storage_ring ring(6);
  CHECK(ring.get(2, name).error() == errc::not_found);
  CHECK(ring.remove(2, name).error() == errc::not_found);
}

TEST_CASE("a ring of one node stores and finds by itself") {
  storage_ring ring(1);
  const auto added = ring.add(0, name, "alone");
  REQUIRE(added.has_value());
  CHECK(added->hops == 0);
  CHECK(added->replicas.empty());
  CHECK(ring.get(0, name)->values.at(0).content.value == "alone");
}

TEST_CASE("add stores only what is absent") {
  storage_ring ring(8);
  REQUIRE(ring.add(1, name, "first").has_value());
  CHECK(ring.add(1, name, "second").error() == errc::already_exists);
  CHECK(ring.get(3, name)->values.at(0).content.value == "first");
  REQUIRE(ring.add(2, name, "of another writer").has_value());  // an entry of its own
  CHECK(ring.get(3, name)->values.size() == 2);
}

TEST_CASE("update replaces the writer's own entry") {
  storage_ring ring(8);
  REQUIRE(ring.update(1, name, "first").has_value());
  REQUIRE(ring.update(1, name, "second").has_value());
  const auto got = ring.get(4, name, true);
  REQUIRE(got.has_value());
  REQUIRE(got->values.size() == 1);
  CHECK(got->values[0].content.value == "second");
}

TEST_CASE("a removed name is not found, and can be added again") {
  storage_ring ring(8);
  REQUIRE(ring.add(1, name, "short-lived").has_value());
  REQUIRE(ring.remove(1, name).has_value());
  for (std::size_t i = 0; i < ring.size(); ++i) CHECK(ring.get(i, name).error() == errc::not_found);
  REQUIRE(ring.add(1, name, "again").has_value());
  CHECK(ring.get(5, name)->values.at(0).content.value == "again");
}

TEST_CASE("a domain's authority removes what another authority wrote") {
  storage_ring ring(8);
  REQUIRE(ring.add(1, name, "of node 1").has_value());
  REQUIRE(ring.add(2, name, "of node 2").has_value());
  REQUIRE(ring.remove(3, name).has_value());
  CHECK(ring.get(4, name).error() == errc::not_found);
}

TEST_CASE("a user writes under the own name by itself, and nobody else removes it") {
  storage_ring ring(8);
  REQUIRE(ring.add(1, "data:user1@example.com", "mine").has_value());
  const auto got = ring.get(4, "data:user1@example.com");
  REQUIRE(got.has_value());
  CHECK(got->values.at(0).entry == ring.id(1).octets);
  CHECK(ring.remove(2, "data:user1@example.com").error() == errc::forbidden);
  REQUIRE(ring.remove(1, "data:user1@example.com").has_value());
  CHECK(ring.get(4, "data:user1@example.com").error() == errc::not_found);
}

TEST_CASE("a node without authority for the domain may not write there") {
  storage_ring ring(6);
  CHECK(ring.add(0, "data:bob@elsewhere.example", "x").error() == errc::forbidden);
  CHECK(ring.add(0, "proxy location:elsewhere.example", "x").error() == errc::forbidden);
  CHECK(ring.add(0, "proxy location:example.com", "x").has_value());
}

TEST_CASE("a phone that re-registers elsewhere replaces its own entry, whichever registrar wrote it") {
  storage_ring ring(8);
  overlay::location phone;
  phone.contact = "sip:alice@192.0.2.1:5060";
  phone.instance = "<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>";
  phone.reg_id = 1;
  overlay::record r;
  r.locations.push_back(phone);
  const auto where = *overlay::name::parse("user location:alice@example.com");
  ring.world.run([](overlay::storage& s, overlay::name n, overlay::record content) -> core::awaitable<void> {
    const overlay::write_options plain;
    const auto done = co_await s.records().update(n, content, 600s, plain);
    CHECK(done.has_value());
  }(ring.at(1), where, r));
  r.locations[0].contact = "sip:alice@198.51.100.7:5060";
  ring.world.run([](overlay::storage& s, overlay::name n, overlay::record content) -> core::awaitable<void> {
    const overlay::write_options plain;
    const auto done = co_await s.records().update(n, content, 600s, plain);
    CHECK(done.has_value());
  }(ring.at(5), where, r));
  const auto got = ring.get(3, "user location:alice@example.com");
  REQUIRE(got.has_value());
  REQUIRE(got->values.size() == 1);
  CHECK(got->values[0].content.locations.at(0).contact == "sip:alice@198.51.100.7:5060");
  CHECK(got->values[0].entry == overlay::binding_of(phone));
}

TEST_CASE("what has outlived its lifetime is gone everywhere") {
  storage_ring ring(8);
  REQUIRE(ring.add(0, name, "for a minute", 60s).has_value());
  ring.run_for(50s);
  CHECK(ring.get(3, name).has_value());
  ring.run_for(12s);
  for (std::size_t i = 0; i < ring.size(); ++i) {
    CHECK(ring.get(i, name).error() == errc::not_found);
    CHECK(ring.at(i).counts().records == 0);
  }
}

TEST_CASE("a tombstone lasts a day and then goes, too") {
  storage_ring ring(2);
  REQUIRE(ring.add(0, name, "x", 60s).has_value());
  REQUIRE(ring.remove(0, name).has_value());
  ring.run_for(23h);
  CHECK(ring.get(1, name).error() == errc::not_found);
  ring.run_for(2h);
  CHECK(ring.metrics(root(ring)).text().find("phyllo_stored_values 0") != std::string::npos);
}

TEST_CASE("one name holds at most 32 values") {
  storage_ring ring(40);
  for (std::size_t i = 0; i < 32; ++i) REQUIRE(ring.add(i, name, "v" + std::to_string(i)).has_value());
  CHECK(ring.add(32, name, "one too many").error() == errc::quota_exceeded);
  CHECK(ring.metrics(root(ring)).drops().at("quota_exceeded") == 1);
  CHECK(ring.get(35, name)->values.size() == 32);
  REQUIRE(ring.remove(0, name).has_value());
  CHECK(ring.add(32, name, "room again").has_value());
}

TEST_CASE("a value that is too long is refused by its writer already") {
  storage_ring ring(5);
  const auto refused = ring.add(0, name, std::string(5000, 'x'));
  CHECK(refused.error() == errc::quota_exceeded);
  CHECK(refused.error().detail().find("a record may have 4096 bytes; this one has 52") == 0);
  CHECK(refused.error().detail().find(": 5000 of its value, and 2") != std::string::npos);
  const auto escaped = ring.add(0, name, std::string(1250, '<')).error().detail();
  CHECK_MESSAGE(escaped.find(": 5000 of its value (which has 1250 before <, > and & are escaped), and 2") != std::string::npos, escaped);
}

TEST_CASE("a lone read right after a write costs no questions to the replicas, a quorum read does") {
  storage_ring ring(16);
  REQUIRE(ring.add(0, name, "x").has_value());
  const auto before = ring.requests();
  REQUIRE(ring.get(outside(ring), name).has_value());
  CHECK(ring.requests() == before);
  REQUIRE(ring.get(outside(ring), name, true).has_value());
  CHECK(ring.requests() == before + 2);  // two more make a quorum
}

TEST_CASE("a quorum read asks the others as soon as one of the nearest is silent") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    storage_ring ring(16, seed);
    REQUIRE(ring.add(0, name, "x").has_value());
    const auto order = ring.nearest(overlay::name::parse(name)->key());
    const auto replicas = std::vector(order.begin() + 1, order.begin() + 5);
    ring.kill(*std::ranges::min_element(replicas, {}, [&](std::size_t i) { return ring.id(i); }));  // all are as near: it is asked
    const auto before = ring.requests();
    const auto got = ring.get(order[0], name, true);
    REQUIRE(got.has_value());
    CHECK(ring.requests() == before + 4);
    CHECK(got->took < 150ms);  // nobody suspects it before 300 ms
  }
}

TEST_CASE("after two of five replicas die at once a read still finds the value within two seconds") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    storage_ring ring(16, seed);
    REQUIRE(ring.add(0, name, "precious").has_value());
    const auto order = ring.nearest(overlay::name::parse(name)->key());
    ring.kill(order[0]);
    ring.kill(order[seed % 4 + 1]);
    const auto got = ring.get(order[10], name);
    REQUIRE(got.has_value());
    CHECK(got->values.at(0).content.value == "precious");
    CHECK(got->took < 2s);
    const auto strict = ring.get(order[9], name, true);
    REQUIRE(strict.has_value());
    CHECK(strict->took < 4s);
  }
}

TEST_CASE("replicas that died are replaced, and after two more die all is still there") {
  storage_ring ring(16);
  for (std::size_t i = 0; i < 100; ++i)
    REQUIRE(ring.add(i % 16, "data:u" + std::to_string(i) + "@example.com", "v" + std::to_string(i)).has_value());
  ring.kill(3);
  ring.kill(4);
  CHECK(ring.settle(10s));
  ring.run_for(3s);
  CHECK(ring.settle(10s));
  ring.kill(5);
  ring.kill(6);
  for (std::size_t i = 0; i < 100; ++i) {
    const auto got = ring.get(7 + i % 9, "data:u" + std::to_string(i) + "@example.com");
    CAPTURE(i);
    REQUIRE(got.has_value());
    CHECK(got->values.at(0).content.value == "v" + std::to_string(i));
    CHECK(got->took < 5s);
  }
}

TEST_CASE("a thousand records are repaired after a crash in seconds and few messages") {
  storage_ring ring(16);
  for (std::size_t i = 0; i < 1000; ++i)
    REQUIRE(ring.add(i % 16, "data:u" + std::to_string(i) + "@example.com", std::string(200, 'v')).has_value());
  REQUIRE(ring.settle());
  const auto before = ring.syncs();
  ring.kill(8);
  ring.run_for(2500ms);  // now everybody knows
  CHECK(ring.settle(4s));
  CHECK(ring.syncs() - before < 3000);
  std::uint64_t primary = 0, replicas = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (!ring.alive(i)) continue;
    const auto c = ring.at(i).counts();
    primary += c.primary;
    replicas += c.replicas;
    CHECK(c.under_replicated == 0);
  }
  CHECK(primary == 1000);
  CHECK(replicas == 4000);
}

TEST_CASE("a node that joins takes its share over") {
  storage_ring ring(8);
  for (std::size_t i = 0; i < 200; ++i) REQUIRE(ring.add(i % 8, "data:u" + std::to_string(i) + "@example.com", "v").has_value());
  const auto fresh = ring.join();
  ring.run_for(3s);
  CHECK(ring.settle(10s));
  const auto c = ring.at(fresh).counts();
  CHECK(c.primary > 0);
  CHECK(c.replicas > 0);
  std::uint64_t primary = 0;
  std::uint64_t replicas = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    primary += ring.at(i).counts().primary;
    replicas += ring.at(i).counts().replicas;
  }
  CHECK(primary == 200);
  CHECK(replicas == 800);
}

TEST_CASE("nodes that leave one after the other hand over all they hold") {
  storage_ring ring(10);
  for (std::size_t i = 0; i < 60; ++i) REQUIRE(ring.add(i % 10, "data:u" + std::to_string(i) + "@example.com", "v").has_value());
  for (std::size_t gone = 0; gone < 8; ++gone) {
    ring.leave(gone);
    ring.run_for(200ms);
  }
  for (std::size_t i = 0; i < 60; ++i) CHECK(ring.get(8 + i % 2, "data:u" + std::to_string(i) + "@example.com").has_value());
}

TEST_CASE("both sides of a partition serve, and after healing the newest stands everywhere and nothing removed returns") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    CAPTURE(seed);
    storage_ring ring(12, seed);
    REQUIRE(ring.add(0, name, "old").has_value());
    REQUIRE(ring.add(0, "data:gone@example.com", "to be removed").has_value());
    ring.partition({0, 1, 2, 3});
    ring.run_for(5s);
    REQUIRE(ring.update(0, name, "of the small side").has_value());
    REQUIRE(ring.remove(1, "data:gone@example.com").has_value());
    ring.run_for(1s);
    REQUIRE(ring.update(5, "data:late@example.com", "of the large side").has_value());
    ring.run_for(60s);
    ring.heal();
    ring.run_for(20s);
    for (std::size_t i = 0; i < ring.size(); ++i) {
      CAPTURE(i);
      const auto got = ring.get(i, name);
      REQUIRE(got.has_value());
      CHECK(got->values.at(0).content.value == "of the small side");
      CHECK(ring.get(i, "data:gone@example.com").error() == errc::not_found);
      CHECK(ring.get(i, "data:late@example.com").has_value());
    }
  }
}

TEST_CASE("a replica that returns empty under a new incarnation is filled again and counts in no read before") {
  storage_ring ring(5);
  REQUIRE(ring.add(0, name, "kept").has_value());
  const auto order = ring.nearest(overlay::name::parse(name)->key());
  ring.kill(order[1]);
  ring.kill(order[2]);
  ring.run_for(4s);
  ring.join();
  ring.join();
  CHECK(ring.get(order[3], name, true).has_value());
  ring.run_for(5s);
  CHECK(ring.settle(10s));
  ring.kill(order[0]);
  ring.kill(order[3]);
  CHECK(ring.get(order[4], name)->values.at(0).content.value == "kept");
}

TEST_CASE("lost announcements are made good by reminders") {
  storage_ring::options o;
  o.loss = 0.5;
  storage_ring ring(10, o, 7);
  for (std::size_t i = 0; i < 50; ++i) REQUIRE(ring.add(i % 10, "data:u" + std::to_string(i) + "@example.com", "v").has_value());
  ring.kill(4);
  ring.join();
  ring.run_for(4s);
  CHECK(ring.settle(40s));
}

}  // namespace storage_test
