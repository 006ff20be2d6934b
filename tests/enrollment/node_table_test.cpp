#include "../../src/enrollment/node_table.hpp"

#include "account_database.hpp"
#include "phyllo/enrollment/errc.hpp"

namespace node_table_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using namespace phyllo::testing;

TEST_CASE_FIXTURE(account_database, "a Node-ID is stable per user and device, and differs between them") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(a->add(prepared("bob@example.com", "pw"), false));
  const auto b = open();
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  CHECK_FALSE(id.reserved());
  CHECK(node_id(*a, "alice@example.com", "phone").value() == id);
  CHECK(node_id(*b, "alice@example.com", "phone").value() == id);
  CHECK(node_id(*a, "alice@example.com", "laptop").value() != id);
  CHECK(node_id(*a, "bob@example.com", "phone").value() != id);
  REQUIRE(a->add(prepared("alice@example.com", "new"), true));
  CHECK(node_id(*a, "alice@example.com", "phone").value() == id);
}

TEST_CASE_FIXTURE(account_database, "a user has one peer and ten devices at a time, and renews them without counting again") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto peer = node_id(*a, "alice@example.com", "server", true).value();
  CHECK(node_id(*a, "alice@example.com", "server2", true).error() == errc::node_ids_not_available);
  for (int i = 0; i < 10; ++i) REQUIRE(node_id(*a, "alice@example.com", "d" + std::to_string(i)));
  CHECK(node_id(*a, "alice@example.com", "one-more").error() == errc::node_ids_not_available);
  CHECK(node_id(*a, "alice@example.com", "d9"));
  CHECK(node_id(*a, "alice@example.com", "server", true).value() == peer);
}

TEST_CASE_FIXTURE(account_database, "what an account gives up comes back no sooner than its certificate ends") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto first = node_id(*a, "alice@example.com", "server", true).value();
  // The device goes on as a client: its certificate as a peer lasts.
  CHECK(node_id(*a, "alice@example.com", "server").value() == first);
  CHECK(node_id(*a, "alice@example.com", "server2", true, day - std::chrono::seconds(1)).error() == errc::node_ids_not_available);
  const auto second = node_id(*a, "alice@example.com", "server2", true, day).value();
  CHECK(second != first);
  CHECK(node_id(*a, "alice@example.com", "server", true, day).error() == errc::node_ids_not_available);
  CHECK(node_id(*a, "alice@example.com", "server", true, 2 * day).value() == first);
}

TEST_CASE_FIXTURE(account_database, "a device does not become a peer past the limit by asking as a client first") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  for (int i = 0; i < 10; ++i) REQUIRE(node_id(*a, "alice@example.com", "d" + std::to_string(i)));
  CHECK(node_id(*a, "alice@example.com", "d0", true));
  for (int i = 1; i < 10; ++i)
    CHECK(node_id(*a, "alice@example.com", "d" + std::to_string(i), true).error() == errc::node_ids_not_available);
}

TEST_CASE_FIXTURE(account_database, "new Node-IDs a day are as many as an account may have, however short its certificates are") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  int given = 0;
  for (int i = 0; i < 100; ++i) {
    const auto now = start + i * std::chrono::minutes(10);
    const node_request q{"alice@example.com", "d" + std::to_string(i), false, now, now + std::chrono::minutes(5)};
    given += a->node_id_for(q, {}) ? 1 : 0;
  }
  CHECK(given == 11);
  CHECK(node_id(*a, "alice@example.com", "tomorrow", false, 2 * day));
}

TEST_CASE_FIXTURE(account_database, "an operator's account may have more peers, which replacing it does not undo and removing does") {
  auto operators = prepared("nodes@example.com", "pw");
  operators.peers = 3;
  REQUIRE(a->add(operators, false));
  CHECK(a->peers_of("nodes@example.com").value() == 3);
  CHECK(a->peers_of("bob@example.com").value() == std::nullopt);
  for (int i = 0; i < 3; ++i) REQUIRE(node_id(*a, "nodes@example.com", "n" + std::to_string(i), true));
  CHECK(node_id(*a, "nodes@example.com", "n3", true).error() == errc::node_ids_not_available);
  REQUIRE(a->add(prepared("nodes@example.com", "new"), true));
  CHECK(a->peers_of("nodes@example.com").value() == 3);
  REQUIRE(a->remove("nodes@example.com"));
  CHECK(a->peers_of("nodes@example.com").value() == std::nullopt);
  operators.peers = 0;
  REQUIRE(a->add(operators, false));
  CHECK(node_id(*a, "nodes@example.com", "n0", true).error() == errc::node_ids_not_available);
}

TEST_CASE_FIXTURE(account_database, "a device has its Node-ID again for thirty days after its last certificate") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto id = node_id(*a, "alice@example.com", "phone").value();
  CHECK(node_id(*a, "alice@example.com", "phone", false, 31 * day).value() == id);
  CHECK(node_id(*a, "alice@example.com", "phone", false, 63 * day).value() != id);
}

TEST_CASE_FIXTURE(account_database, "limits are the configuration's, and none is enough for a device that is there already") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  const auto ask = [&](const std::string& device, bool peer, unsigned peers, unsigned devices) {
    node_limits limits;
    limits.peers = peers;
    limits.devices = devices;
    return a->node_id_for({"alice@example.com", device, peer, start, start + day}, limits);
  };
  CHECK(ask("one", false, 0, 0).error() == errc::node_ids_not_available);
  const auto id = ask("one", false, 0, 1);
  REQUIRE(id);
  CHECK(ask("two", false, 0, 1).error() == errc::node_ids_not_available);
  CHECK(ask("one", false, 0, 0).value() == *id);
  CHECK(ask("one", true, 0, 1).error() == errc::node_ids_not_available);
  CHECK(ask("one", true, 1, 1).value() == *id);
}

TEST_CASE_FIXTURE(account_database, "a device that gave up being a peer counts as a device when its certificate as one has ended") {
  REQUIRE(a->add(prepared("alice@example.com", "pw"), false));
  REQUIRE(node_id(*a, "alice@example.com", "server", true));
  for (int i = 0; i < 10; ++i) REQUIRE(node_id(*a, "alice@example.com", "d" + std::to_string(i), false, day - std::chrono::hours(1)));
  // Ten devices are there: the former peer is the eleventh.
  CHECK(node_id(*a, "alice@example.com", "server", false, day).error() == errc::node_ids_not_available);
  CHECK(node_id(*a, "alice@example.com", "server", false, 2 * day));
}

}  // namespace node_table_test
