#include "sip/transaction_table.hpp"

#include <doctest.h>

#include <map>
#include <random>
#include <string>

namespace transaction_table_test {

using namespace phyllo;

namespace {

struct transaction {
  std::uint64_t id = 0;
  std::string key;
};

constexpr core::hash_key secret{1, 2};

}  // namespace

TEST_CASE("a transaction is found by its id and by its key until it has ended") {
  sip::transaction_table<transaction> t(secret, 0);
  auto& a = t.add({0, "branch-a"});
  auto& b = t.add({0, "branch-b"});
  CHECK(a.id != b.id);
  CHECK(t.find(a.id) == &a);
  CHECK(t.find_by_key("branch-a") == &a);
  CHECK(t.find(b.id + 2) == nullptr);
  CHECK(t.find_by_key("branch-c") == nullptr);
  CHECK(t.size() == 2);
  const auto id = a.id;
  t.erase(a);
  CHECK(t.find(id) == nullptr);
  CHECK(t.find_by_key("branch-a") == nullptr);
  CHECK(t.find_by_key("branch-b") == &b);
  CHECK(t.size() == 1);
}

TEST_CASE("a transaction stays where it is when others come") {
  sip::transaction_table<transaction> t(secret, 1);
  const auto& first = t.add({0, "first"});
  for (int i = 2; i < 1000; ++i) t.add({0, std::to_string(i)});
  CHECK(t.find(first.id) == &first);
  CHECK(first.key == "first");
}

TEST_CASE("an id says by its lowest bit whose it is, and is never used again") {
  sip::transaction_table<transaction> servers(secret, 0);
  sip::transaction_table<transaction> clients(secret, 1);
  CHECK(servers.add({0, "a"}).id % 2 == 0);
  auto& c = clients.add({0, "a"});
  CHECK(c.id % 2 == 1);
  const auto before = c.id;
  clients.erase(c);
  CHECK(clients.add({0, "a"}).id != before);
  CHECK(clients.find(before) == nullptr);
}

TEST_CASE("whatever comes and goes, it holds what ordered maps hold") {
  std::mt19937 random(20261130);
  sip::transaction_table<transaction> t(secret, 1);
  std::map<std::string, std::uint64_t> expected;
  for (int i = 0; i < 30'000; ++i) {
    const auto key = "branch-" + std::to_string(random() % 700);
    const auto known = expected.find(key);
    auto* found = t.find_by_key(key);
    REQUIRE((found != nullptr) == (known != expected.end()));
    if (found == nullptr) {
      expected[key] = t.add({0, key}).id;
      continue;
    }
    CHECK(found->id == known->second);
    CHECK(t.find(found->id) == found);
    if (random() % 2 == 0) continue;
    const auto id = found->id;
    t.erase(*found);
    expected.erase(known);
    CHECK(t.find(id) == nullptr);
    REQUIRE(t.size() == expected.size());
  }
  for (const auto& [key, id] : expected) CHECK(t.find(id)->key == key);
}

}  // namespace transaction_table_test
