#include "sip/response_context.hpp"

#include <doctest.h>

namespace response_context_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

struct forked {
  // One flow a target.
  explicit forked(const std::vector<std::size_t>& ways, std::vector<std::vector<std::size_t>> groups = {}, bool invite = true)
      : forked(flows_of(ways), groups.empty() ? all(ways.size()) : std::move(groups), options_of(invite)) {}
  forked(const std::vector<response_context::flows>& targets, std::vector<std::vector<std::size_t>> groups, fork_options o)
      : context(o, targets, std::move(groups)) {
    began = context.begin(start);
  }
  static std::vector<response_context::flows> flows_of(const std::vector<std::size_t>& ways) {
    std::vector<response_context::flows> out;
    for (const auto n : ways) out.emplace_back(1, n);
    return out;
  }
  static fork_options options_of(bool invite) {
    fork_options o;
    o.invite = invite;
    return o;
  }
  static forked one_phone(response_context::flows flows, bool searching = false) {
    auto o = options_of(true);
    o.searching = searching;
    return forked({std::move(flows)}, all(1), o);
  }
  static std::vector<std::vector<std::size_t>> all(std::size_t n) {
    std::vector<std::vector<std::size_t>> g(1);
    for (std::size_t i = 0; i < n; ++i) g[0].push_back(i);
    return g;
  }
  fork_step told(std::size_t branch, int status, core::duration after = 1s) { return context.on_response(branch, status, start + after); }
  fork_step told_by_node(std::size_t branch, int status) { return context.on_response(branch, status, start + 1s, answered_by::node); }

  response_context context;
  fork_step began;
};

using branches = std::vector<std::size_t>;

}  // namespace

TEST_CASE("all targets of a group are tried at once") {
  forked f({1, 1, 1});
  REQUIRE(f.began.start.size() == 3);
  CHECK(f.began.start.at(2).branch == 2);
  CHECK(f.began.start.at(2).target == 2);
}

TEST_CASE("provisional responses go upstream, but 100 does not") {
  forked f({1});
  CHECK_FALSE(f.told(0, 100).forward);
  CHECK(f.told(0, 180).forward);
  CHECK(f.told(0, 183).forward);
}

TEST_CASE("a 2xx goes upstream at once and cancels the others; later 2xx go upstream too") {
  forked f({1, 1, 1});
  (void)f.told(2, 486);
  const auto s = f.told(0, 200);
  CHECK(s.forward);
  CHECK(s.cancel == branches{1});
  CHECK_FALSE(s.answer.has_value());
  CHECK(f.told(1, 200).forward);
  CHECK(f.told(0, 200).forward);
  CHECK_FALSE(f.told(1, 180).forward);
}

TEST_CASE("a losing branch's 487 after a 2xx is kept from the caller") {
  forked f({1, 1});
  (void)f.told(0, 200);
  const auto s = f.told(1, 487);
  CHECK_FALSE(s.forward);
  CHECK_FALSE(s.answer.has_value());
}

TEST_CASE("of another method than INVITE only the first 2xx goes upstream") {
  forked f({1, 1}, {}, false);
  CHECK(f.told(0, 200).forward);
  CHECK_FALSE(f.told(1, 202).forward);
}

TEST_CASE("the best response is chosen when all branches are through") {
  forked f({1, 1, 1});
  CHECK_FALSE(f.told(0, 503).answer);
  CHECK_FALSE(f.told(1, 486).answer);
  const auto s = f.told(2, 404);
  REQUIRE(s.answer);
  CHECK(s.answer->branch == 1U);
  CHECK(s.answer->status == 486);
}

TEST_CASE("lower classes win, and a redirection before a refusal") {
  forked f({1, 1});
  (void)f.told(0, 404);
  CHECK(f.told(1, 302).answer->branch == 1U);
}

TEST_CASE("challenges win among the 4xx and are gathered") {
  forked f({1, 1, 1});
  (void)f.told(0, 486);
  (void)f.told(1, 407);
  const auto s = f.told(2, 401);
  CHECK(s.answer->branch == 1U);
  CHECK(s.answer->also_challenged == branches{2});
}

TEST_CASE("a 6xx cancels the others, starts nothing more, and is the answer when they have ended") {
  forked f({1, 1, 1}, {{0, 1}, {2}});
  const auto s = f.told(0, 603);
  CHECK(s.cancel == branches{1});
  CHECK_FALSE(s.answer);
  const auto end = f.told(1, 487);
  CHECK(end.start.empty());
  CHECK(end.answer->status == 603);
}

TEST_CASE("the next group is tried when the one before is through") {
  forked f({1, 1, 1}, {{0, 1}, {2}});
  CHECK(f.began.start.size() == 2);
  CHECK(f.told(0, 486).start.empty());
  const auto s = f.told(1, 480);
  REQUIRE(s.start.size() == 1);
  CHECK(s.start.at(0).target == 2);
  CHECK_FALSE(s.answer);
  CHECK(f.told(2, 404).answer->status == 486);
}

TEST_CASE("a CANCEL cancels what runs, and the answer comes when all have ended") {
  forked f({1, 1}, {{0}, {1}});
  (void)f.told(0, 180);
  const auto s = f.context.on_cancel(start + 2s);
  CHECK(s.cancel == branches{0});
  CHECK_FALSE(s.answer);
  const auto end = f.told(0, 487, 3s);
  CHECK(end.start.empty());
  CHECK(end.answer->branch == 0U);
  CHECK(f.context.on_cancel(start + 4s).cancel.empty());
}

TEST_CASE("a 2xx that crosses the CANCEL still goes upstream") {
  forked f({1});
  (void)f.context.on_cancel(start + 1s);
  CHECK(f.told(0, 200).forward);
}

TEST_CASE("a cancelled branch that never ends is given up after 64*T1") {
  forked f({1});
  (void)f.told(0, 180);
  (void)f.context.on_cancel(start + 1s);
  CHECK(f.context.next_time() == start + 33s);
  CHECK_FALSE(f.context.on_time(start + 32s).answer);
  const auto s = f.context.on_time(start + 33s);
  CHECK(s.answer->status == 487);
  CHECK_FALSE(s.answer->branch.has_value());
  CHECK(f.context.next_time() == core::time_point::max());
}

TEST_CASE("Timer C cancels its branch, and without an end the branch is given up") {
  forked f({1});
  (void)f.told(0, 180);
  CHECK(f.context.on_timer_c(0, start + 185s).cancel == branches{0});
  CHECK(f.context.on_timer_c(0, start + 186s).cancel.empty());
  CHECK(f.context.on_time(start + 217s).answer->status == 487);
}

TEST_CASE("a silent way is followed by the next one, and the phone's answer by one is its answer") {
  forked f({2});
  CHECK(f.began.start.size() == 1);
  CHECK(f.context.next_time() == start + 1750ms);
  CHECK(f.context.on_time(start + 1s).start.empty());
  const auto hedge = f.context.on_time(start + 1750ms);
  REQUIRE(hedge.start.size() == 1);
  CHECK(hedge.start.at(0).way == 1);
  CHECK(f.context.on_time(start + 10s).start.empty());
  CHECK(f.told(1, 180).forward);
  const auto s = f.told(1, 486);
  CHECK(s.cancel == branches{0});
  CHECK(s.answer->branch == 1U);
}

TEST_CASE("a way that has been heard of is not followed by another") {
  forked f({2});
  (void)f.told(0, 100);
  CHECK(f.context.next_time() == core::time_point::max());
  CHECK(f.context.on_time(start + 5s).start.empty());
}

TEST_CASE("a failed way is followed by the next one at once, and the last one's failure is the answer") {
  forked f({3});
  const auto second = f.context.on_failure(0, 503, start + 10ms);
  REQUIRE(second.start.size() == 1);
  CHECK_FALSE(second.answer);
  const auto third = f.told_by_node(1, 430);
  REQUIRE(third.start.size() == 1);
  CHECK(third.start.at(0).way == 2);
  const auto s = f.context.on_failure(2, 408, start + 32s);
  REQUIRE(s.answer);
  CHECK(s.answer->status == 408);
  CHECK_FALSE(s.answer->branch.has_value());
}

TEST_CASE("a phone that calls the second way merged goes on by the first") {
  forked f({2});
  (void)f.context.on_time(start + 1750ms);
  CHECK_FALSE(f.told(1, 482).answer);
  CHECK(f.told(0, 180).forward);
  CHECK(f.told(0, 200).forward);
}

TEST_CASE("a busy phone is not tried by another way") {
  forked f({2});
  const auto s = f.told(0, 486);
  CHECK(s.start.empty());
  CHECK(s.answer->status == 486);
}

TEST_CASE("a phone that says nothing at all does not keep back what another has answered") {
  forked f({2, 1});
  (void)f.context.on_time(start + 1750ms);  // the second way of the first phone
  CHECK_FALSE(f.told(1, 486, 2s).answer);
  CHECK(f.context.next_time() == start + 4s);
  CHECK_FALSE(f.context.on_time(start + 3999ms).answer);
  CHECK_FALSE(f.context.on_time(start + 4s).answer);
  const auto s = f.context.on_time(start + 5750ms);
  REQUIRE(s.answer);
  CHECK(s.answer->status == 486);
  CHECK(s.cancel == branches{2});
  forked ringing({1, 1});
  (void)ringing.told(0, 180);
  CHECK_FALSE(ringing.told(1, 486).answer);
  CHECK_FALSE(ringing.context.on_time(start + 30s).answer);
  forked alone({1});
  CHECK_FALSE(alone.context.on_time(start + 30s).answer);
}

TEST_CASE("a phone's own 503 is its answer, and a supernode's says that the way has failed") {
  for (const int status : {503, 504}) {
    forked phone({2});
    CHECK(phone.told(0, status).start.empty());
    forked node({2});
    CHECK(node.told_by_node(0, status).start.size() == 1);
  }
}

TEST_CASE("the next flow of a phone is tried after 430, 408 or no connection, and not before") {
  auto silent = forked::one_phone({1, 1});
  CHECK(silent.began.start.size() == 1);
  CHECK(silent.context.next_time() == core::time_point::max());
  CHECK(silent.context.on_time(start + 10s).start.empty());
  for (const int status : {430, 408}) {
    auto f = forked::one_phone({1, 1});
    const auto s = f.told(0, status);
    REQUIRE(s.start.size() == 1);
    CHECK(s.start.at(0).way == 1);
  }
  auto two_ways = forked::one_phone({2, 1});
  const auto left = two_ways.told(0, 430);  // the phone itself: it would say the same by another way
  REQUIRE(left.start.size() == 1);
  CHECK(left.start.at(0).way == 2);
  auto closed = forked::one_phone({1, 1});
  CHECK(closed.context.on_failure(0, 503, start).start.size() == 1);
  for (const int status : {486, 503, 480, 603, 200}) {
    auto f = forked::one_phone({1, 1});
    CHECK(f.told(0, status).start.empty());
  }
}

TEST_CASE("a flow is left when all its ways have failed, also while they are tried beside each other") {
  auto f = forked::one_phone({2, 1});
  const auto hedge = f.context.on_time(start + 1750ms);
  REQUIRE(hedge.start.size() == 1);
  CHECK(f.context.on_time(start + 10s).start.empty());  // the other flow waits
  CHECK(f.told(1, 430).start.empty());                  // the first way may still ring
  const auto s = f.context.on_failure(0, 408, start + 32s);
  REQUIRE(s.start.size() == 1);
  CHECK(s.start.at(0).way == 2);
  CHECK(f.context.on_failure(2, 503, start + 32s).answer->status == 408);
}

TEST_CASE("of several phones that may know a dialog the next one is asked after a 481") {
  auto f = forked::one_phone({1, 1}, true);
  CHECK(f.told(0, 481).start.size() == 1);
  CHECK(f.told(1, 200).forward);
  auto ordinary = forked::one_phone({1, 1});
  CHECK(ordinary.told(0, 481).start.empty());
}

TEST_CASE("what a branch says after its end changes nothing") {
  forked f({1, 1});
  (void)f.told(0, 486);
  const auto again = f.told(0, 404);
  CHECK_FALSE(again.forward);
  CHECK_FALSE(again.answer);
  CHECK(f.context.on_failure(0, 408, start + 40s).start.empty());
  CHECK(f.told(1, 480).answer->status == 486);
}

}  // namespace response_context_test
