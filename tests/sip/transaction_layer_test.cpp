#include "sip/transaction_layer.hpp"

#include "simulated_transport.hpp"

namespace transaction_layer_test {

using namespace phyllo;
using namespace std::chrono_literals;
using heard = std::vector<std::string>;
using testing::transaction_pair;

TEST_CASE("a request is answered, and both transactions end") {
  transaction_pair pair;
  pair.answer_with(200);
  pair.send("OPTIONS");
  pair.world.run_for(1s);
  CHECK(pair.callee.heard == heard{"OPTIONS"});
  CHECK(pair.caller.heard == heard{"200"});
  CHECK(pair.client.size() == 1);
  CHECK(pair.server.size() == 1);
  pair.world.run_for(40s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
  CHECK(pair.callee.ended == 1);
}

TEST_CASE("the user hears of a request and of its answer once, whatever is lost and sent again") {
  transaction_pair pair;
  pair.answer_with(200);
  int requests = 0, responses = 0;
  pair.client_wire.lose = [&](const std::string&) { return ++requests <= 2; };
  pair.server_wire.lose = [&](const std::string&) { return ++responses <= 2; };
  pair.send("OPTIONS");
  pair.world.run_for(60s);
  CHECK(pair.client_wire.count("OPTIONS") == 5);
  CHECK(pair.server_wire.count("SIP/2.0 200") == 3);
  CHECK(pair.callee.heard == heard{"OPTIONS"});
  CHECK(pair.caller.heard == heard{"200"});
}

TEST_CASE("a refused INVITE is acknowledged below the user") {
  transaction_pair pair;
  pair.answer_with(486);
  pair.send("INVITE");
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"486"});
  CHECK(pair.callee.heard == heard{"INVITE"});
  CHECK(pair.client_wire.count("ACK") == 1);
  CHECK(pair.server_wire.count("SIP/2.0 486") == 1);
  pair.world.run_for(60s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
}

TEST_CASE("a refusal whose ACK is lost is sent and acknowledged again") {
  transaction_pair pair;
  pair.answer_with(486);
  int acks = 0;
  pair.client_wire.lose = [&](const std::string& text) { return text.starts_with("ACK") && ++acks == 1; };
  pair.send("INVITE");
  pair.world.run_for(60s);
  CHECK(pair.server_wire.count("SIP/2.0 486") == 2);
  CHECK(pair.client_wire.count("ACK") == 2);
  CHECK(pair.caller.heard == heard{"486"});
  CHECK(pair.server.size() == 0);
}

TEST_CASE("every 2xx to an INVITE reaches the user, and the ACK passes through both layers") {
  transaction_pair pair;
  sip::server_id invite{};
  std::optional<sip::message> ok;
  pair.callee.serve = [&](sip::server_id id, const sip::message& request) {
    invite = id;
    ok = request.reply(200, {}, "callee");
    pair.server.reply(id, ok->copy());
  };
  pair.send("INVITE");
  pair.world.run_for(500ms);
  pair.server.reply(invite, ok->copy());
  pair.world.run_for(500ms);
  CHECK(pair.caller.heard == heard{"200", "200"});
  auto ack =
      sip::message::request("ACK", "sip:bob@192.0.2.2", "<sip:alice@192.0.2.1>;tag=a", "<sip:bob@192.0.2.2>;tag=callee", "call-1", 1);
  sip::destination to;
  to.at = {asio::ip::make_address("192.0.2.2"), 5060};
  CHECK(pair.client.send_stateless(std::move(*ack), to));
  pair.world.run_for(1s);
  CHECK(pair.callee.heard == heard{"INVITE", "ACK"});
  pair.world.run_for(60s);
  CHECK(pair.server.size() == 0);
  CHECK(pair.client.size() == 0);
}

TEST_CASE("beyond the bound of the table a new request gets 503 and no transaction") {
  sip::transaction_options o;
  o.transactions_max = 2;
  transaction_pair pair(o);
  pair.send("OPTIONS");
  pair.send("INFO");
  auto third = sip::message::request("UPDATE", "sip:b@c", "<sip:a@b>;tag=1", "<sip:b@c>", "i", 1);
  CHECK(pair.client.send_request(std::move(*third), {}).error() == sip::errc::overloaded);
  pair.world.run_for(100ms);
  CHECK(pair.server.size() == 2);
  const auto text =
      "OPTIONS sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKthird\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
      "<sip:c@d>\r\n"
      "Call-ID: i\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  pair.server_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.1"), 5060});
  CHECK(pair.server_wire.count("SIP/2.0 503") == 1);
  CHECK(pair.metrics.drops().at("sip_overloaded") == 1);
}

TEST_CASE("ten thousand transactions end by one driver") {
  transaction_pair pair;
  pair.answer_with(200);
  for (int i = 0; i < 10'000; ++i) pair.send("OPTIONS");
  pair.world.run_for(60s);
  CHECK(pair.caller.heard.size() == 10'000);
  CHECK(pair.client.size() + pair.server.size() == 0);
}

}  // namespace transaction_layer_test
