#include "sip/proxy_replies.hpp"

#include <doctest.h>

#include "support/served_request.hpp"

namespace proxy_replies_test {

using namespace phyllo;
using testing::served_request;

namespace {

bool counted(const core::metrics& m, const char* code, int times) {
  return m.text().find("phyllo_calls_total{code=\"" + std::string(code) + "\"} " + std::to_string(times) + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("a request has one final answer, and what comes after it is not sent") {
  served_request r;
  CHECK(r.replies.unanswered() == 1);
  r.replies.reply(*r.c, 180);
  CHECK(r.heard() == "180");
  CHECK_FALSE(r.c->answered);
  r.replies.reply(*r.c, 404, "Not Here");
  CHECK(r.heard() == "404");
  CHECK(r.last_response().starts_with("SIP/2.0 404 Not Here\r\n"));
  CHECK(r.c->answered);
  CHECK(r.replies.unanswered() == 0);
  r.replies.reply(*r.c, 500);
  r.replies.unavailable(*r.c, 503, "Later");
  r.replies.finish(*r.c, 500);
  CHECK(r.heard() == "404");
  CHECK(r.replies.unanswered() == 0);
  CHECK(counted(r.metrics, "404", 1));
  CHECK(counted(r.metrics, "500", 0));
}

TEST_CASE("what is unavailable may be asked for again later, and says when") {
  served_request r;
  r.replies.unavailable(*r.c, 503, "Credentials Not Available");
  CHECK(r.heard() == "503");
  CHECK(r.last_response().find("\r\nRetry-After: ") != std::string::npos);
}

TEST_CASE("all answers to a request bear the same To tag") {
  served_request r;
  const auto ringing = r.replies.response_to(*r.c, 180);
  const auto refusal = r.replies.response_to(*r.c, 486);
  CHECK_FALSE(ringing.to().tag.empty());
  CHECK(ringing.to().tag == refusal.to().tag);
}

TEST_CASE("only the ends of calls are counted: no challenge, no other method, and nothing within a dialog") {
  served_request challenged;
  challenged.replies.reply(*challenged.c, 407);
  CHECK(challenged.metrics.text().find("code=\"407\"") == std::string::npos);
  served_request options("OPTIONS");
  options.replies.reply(*options.c, 200);
  CHECK(counted(options.metrics, "200", 0));
  served_request again;
  again.c->in_dialog = true;
  again.replies.reply(*again.c, 200);
  CHECK(counted(again.metrics, "200", 0));
}

TEST_CASE("a request that comes again before its answer goes in a circle") {
  served_request r;
  r.c->passage = 7;
  sip::proxy_context second;
  second.passage = 7;
  CHECK_FALSE(r.replies.circles(second));
  r.replies.let_in(*r.c);
  CHECK(r.replies.circles(second));
  r.replies.finish(*r.c, 0);
  CHECK_FALSE(r.replies.circles(second));
  CHECK(r.c->request == nullptr);
}

}  // namespace proxy_replies_test
