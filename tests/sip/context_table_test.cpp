#include "sip/context_table.hpp"

#include <doctest.h>

namespace context_table_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

std::shared_ptr<proxy_context> context_of(std::uint64_t id, std::size_t branches = 0) {
  auto c = std::make_shared<proxy_context>();
  c->id = server_id{id};
  c->forked.clients.resize(branches, client_id::none);
  return c;
}

}  // namespace

TEST_CASE("a response finds the request and the branch that its client transaction is of") {
  context_table t;
  const auto c = context_of(2, 2);
  t.add(c);
  t.began(*c, 1, client_id{7});
  CHECK(c->forked.clients.at(1) == client_id{7});
  CHECK(t.branch_of(client_id{7}).of == c);
  CHECK(t.branch_of(client_id{7}).number == 1);
  CHECK(t.branch_of(client_id{9}).of == nullptr);
  CHECK(t.find(server_id{2}) == c);
  CHECK(t.find(server_id{4}) == nullptr);
}

TEST_CASE("branches that are forgotten hear nothing more, and the request stays") {
  context_table t;
  const auto c = context_of(2, 1);
  t.add(c);
  t.began(*c, 0, client_id{7});
  c->forked.attempts.resize(1);
  c->forked.answers.resize(1);
  t.forget_branches(*c);
  CHECK(t.branch_of(client_id{7}).of == nullptr);
  CHECK(c->forked.clients.empty());
  CHECK(c->forked.attempts.empty());
  CHECK(c->forked.answers.empty());
  CHECK(t.find(server_id{2}) == c);
}

TEST_CASE("whoever is due first comes first, once, and at the time that was set last") {
  context_table t;
  const auto a = context_of(2);
  const auto b = context_of(4);
  t.add(a);
  t.add(b);
  CHECK(t.next_due() == core::time_point::max());
  CHECK(t.schedule(*a, start + 5s));
  CHECK_FALSE(t.schedule(*b, start + 6s));
  CHECK(t.next_due() == start + 5s);
  CHECK_FALSE(t.schedule(*a, start + 7s));
  CHECK(t.next_due() == start + 6s);
  CHECK(t.take_due(start + 5s) == nullptr);
  CHECK(t.take_due(start + 8s) == b);
  CHECK(b->forked.due == core::time_point::max());
  CHECK(t.take_due(start + 8s) == a);
  CHECK(t.take_due(start + 8s) == nullptr);
}

TEST_CASE("a request that needs no timer any more is not due") {
  context_table t;
  const auto c = context_of(2);
  t.add(c);
  CHECK(t.schedule(*c, start));
  CHECK_FALSE(t.schedule(*c, start));
  CHECK_FALSE(t.schedule(*c, core::time_point::max()));
  CHECK(t.take_due(start) == nullptr);
}

TEST_CASE("a request that has ended leaves nothing behind") {
  context_table t;
  const auto c = context_of(2, 1);
  t.add(c);
  t.began(*c, 0, client_id{7});
  CHECK(t.schedule(*c, start));
  t.remove(*c);
  CHECK(t.find(server_id{2}) == nullptr);
  CHECK(t.branch_of(client_id{7}).of == nullptr);
  CHECK(t.next_due() == core::time_point::max());
}

}  // namespace context_table_test
