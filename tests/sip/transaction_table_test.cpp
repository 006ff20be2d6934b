#include "sip/transaction_table.hpp"

#include <doctest.h>

namespace transaction_table_test {

using namespace phyllo;

namespace {

struct transaction {
  std::uint64_t id = 0;
  std::string key;
};

}  // namespace

TEST_CASE("a transaction is found by its id and by its key until it has ended") {
  sip::transaction_table<transaction> t;
  auto& a = t.add({2, "branch-a"});
  t.add({4, "branch-b"});
  CHECK(t.find(2) == &a);
  CHECK(t.find_by_key("branch-a") == &a);
  CHECK(t.find(3) == nullptr);
  CHECK(t.find_by_key("branch-c") == nullptr);
  CHECK(t.size() == 2);
  t.erase(a);
  CHECK(t.find(2) == nullptr);
  CHECK(t.find_by_key("branch-a") == nullptr);
  CHECK(t.find_by_key("branch-b")->id == 4);
  CHECK(t.size() == 1);
}

TEST_CASE("a transaction stays where it is when others come") {
  sip::transaction_table<transaction> t;
  const auto& first = t.add({1, "1"});
  for (std::uint64_t id = 2; id < 1000; ++id) t.add({id, std::to_string(id)});
  CHECK(t.find(1) == &first);
  CHECK(first.key == "1");
}

}  // namespace transaction_table_test
