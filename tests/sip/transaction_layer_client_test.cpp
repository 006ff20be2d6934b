#include "sip/transaction_layer_client.hpp"

#include "simulated_transport.hpp"
#include "sip/message_fields.hpp"

namespace transaction_layer_client_test {

using namespace phyllo;
using namespace std::chrono_literals;
using heard = std::vector<std::string>;
using testing::transaction_pair;

TEST_CASE("a request that nobody answers times out after 64*T1") {
  transaction_pair pair;
  pair.client_wire.lose = [](const std::string&) { return true; };
  pair.send("OPTIONS");
  pair.world.run_for(31s);
  CHECK(pair.caller.heard.empty());
  pair.world.run_for(2s);
  CHECK(pair.caller.heard == heard{"timeout"});
  CHECK(pair.client.size() == 0);
}

TEST_CASE("a CANCEL waits for the first provisional response and matches its INVITE") {
  transaction_pair pair;
  sip::server_id invite{};
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { invite = id; };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id matched) {
    pair.server.reply(cancel, 200);
    pair.server.reply(matched, 487);
  };
  const auto id = pair.send("INVITE");
  pair.client.cancel(id);
  CHECK(pair.client_wire.count("CANCEL") == 0);
  pair.world.run_for(1s);
  CHECK(pair.client_wire.count("CANCEL") == 1);
  CHECK(pair.callee.cancelled == invite);
  CHECK(pair.caller.heard == heard{"100", "487"});
  CHECK(pair.callee.heard == heard{"INVITE", "CANCEL"});
  pair.world.run_for(60s);
  CHECK(pair.client.size() == 0);
  CHECK(pair.server.size() == 0);
}

TEST_CASE("a cancelled INVITE that stays unanswered times out 64*T1 after its CANCEL") {
  transaction_pair pair;
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { pair.server.reply(id, 180); };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id) { pair.server.reply(cancel, 200); };
  const auto id = pair.send("INVITE");
  pair.world.run_for(10s);
  pair.client.cancel(id);
  pair.client.cancel(id);
  pair.world.run_for(31s);
  CHECK(pair.caller.heard == heard{"180"});
  pair.world.run_for(2s);
  CHECK(pair.caller.heard == heard{"180", "timeout"});
  CHECK(pair.client_wire.count("CANCEL") == 1);
}

TEST_CASE("Timer C cancels an INVITE that rings for too long") {
  transaction_pair pair;
  pair.callee.serve = [&](sip::server_id id, const sip::message&) { pair.server.reply(id, 180); };
  pair.callee.serve_cancel = [&](sip::server_id cancel, sip::server_id invite) {
    pair.server.reply(cancel, 200);
    pair.server.reply(invite, 487);
  };
  pair.send("INVITE");
  pair.world.run_for(184s);
  CHECK(pair.client_wire.count("CANCEL") == 0);
  pair.world.run_for(3s);
  CHECK(pair.caller.heard == heard{"180", "timer C", "487"});
}

TEST_CASE("a request over 1300 bytes goes by TCP, and by UDP when TCP fails") {
  transaction_pair pair;
  pair.answer_with(200);
  pair.send("MESSAGE", sip::protocol::udp, 1400);
  pair.world.run_for(1s);
  REQUIRE(pair.client_wire.sent.size() == 1);
  CHECK(pair.client_wire.sent[0].second.find("Via: SIP/2.0/TCP") != std::string::npos);
  CHECK(pair.caller.heard == heard{"200"});

  transaction_pair lame;
  lame.answer_with(200);
  lame.client_wire.no_streams = true;
  lame.send("MESSAGE", sip::protocol::udp, 1400);
  lame.world.run_for(1s);
  REQUIRE(lame.client_wire.sent.size() == 2);
  CHECK(lame.client_wire.sent[1].second.find("Via: SIP/2.0/UDP") != std::string::npos);
  CHECK(lame.caller.heard == heard{"200"});
}

TEST_CASE("a stream that fails is told as a transport error, and ends the transaction") {
  transaction_pair pair;
  pair.client_wire.no_streams = true;
  pair.send("OPTIONS", sip::protocol::tcp);
  pair.world.run_for(1s);
  CHECK(pair.caller.heard == heard{"transport error"});
  CHECK(pair.client.size() == 0);
}

TEST_CASE("a response that answers nothing of ours, or whose sent-by is not ours, is dropped and counted") {
  transaction_pair pair;
  pair.send("OPTIONS");
  const auto branch = std::string(top_via(testing::parse_sip(pair.client_wire.sent.at(0).second))->branch);
  const auto arrive = [&](const std::string& via) {
    const auto text = "SIP/2.0 200 OK\r\nVia: " + via +
                      "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: call-1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    pair.client_wire.arrive(text, sip::protocol::udp, {asio::ip::make_address("192.0.2.2"), 5060});
  };
  arrive("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnever");
  arrive("SIP/2.0/UDP 192.0.2.9:5060;branch=" + branch);
  CHECK(pair.caller.heard.empty());
  CHECK(pair.metrics.drops().at("sip_stray_response") == 2);
  arrive("SIP/2.0/UDP 192.0.2.1:5060;branch=" + branch);
  CHECK(pair.caller.heard == heard{"200"});
}

}  // namespace transaction_layer_client_test
