#include "sip/stream_connection.hpp"

#include <doctest.h>

namespace stream_connection_test {

using namespace phyllo;
using namespace phyllo::sip;
using namespace std::chrono_literals;

namespace {

const core::time_point start{1h};

transport_options patient() {
  transport_options o;
  o.idle_timeout = 900s;
  o.message_timeout = 10s;
  return o;
}

}  // namespace

TEST_CASE("a connection may be idle for long, and a message that has begun comes soon") {
  stream_connection c;
  c.active_at = start;
  CHECK(c.read_deadline(patient()) == start + 900s);
  c.message_begun = start + 5s;
  CHECK(c.read_deadline(patient()) == start + 15s);
  c.active_at = start + 14s;  // a byte now and then does not move it
  CHECK(c.read_deadline(patient()) == start + 15s);
}

TEST_CASE("a message that began just before a connection has idled gets no time beyond that") {
  stream_connection c;
  c.active_at = start;
  c.message_begun = start + 895s;
  CHECK(c.read_deadline(patient()) == start + 900s);
}

}  // namespace stream_connection_test
