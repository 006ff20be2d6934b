// What fuzzing of RELOAD's structures starts from: a few of each, made by our own encoders.
//
//   fuzz-seeds write DIRECTORY [SEED]     the directory is tests/fuzz/corpus
//   fuzz-seeds check DIRECTORY            that all of them are there and read, and print as they are: of seeds of a form that is no longer
//                                         spoken, fuzzing sees no more than that they are refused
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "support/wire_structures.hpp"

using namespace phyllo;

namespace {

constexpr int of_each = 3;

std::string seed_name(std::string_view structure, int i) {
  auto name = std::string(structure) + "-" + std::to_string(i);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string message_name(std::uint16_t code) { return "message-" + overlay::code_name(code); }

void write(const std::filesystem::path& directory, const std::string& name, core::byte_view content) {
  std::filesystem::create_directories(directory);
  std::ofstream out(directory / name, std::ios::binary);
  out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

// A run of length (2), fragment: a message in three, and two that contradict each other.
core::bytes fragments(testing::message_generator& g, bool contradicting) {
  auto h = g.header(true);
  const core::bytes payload(900, 0x5a);
  core::bytes out;
  core::wire_writer w(out);
  for (std::uint32_t at = 0; at < 900; at += 300) {
    h.fragment = 0x80000000 | (at == 600 ? 0x40000000 : 0) | (contradicting ? at / 2 : at);
    w.opaque(2, h.message(core::byte_view(payload).subspan(at, 300)));
  }
  return out;
}

void write_all(const std::filesystem::path& corpus, std::uint64_t seed) {
  testing::message_generator g(seed);
  for (const auto& s : testing::wire_structures()) {
    for (int i = 0; i < of_each; ++i) write(corpus / s.fuzz_target, seed_name(s.name, i), s.make(g));
  }
  for (const auto code : testing::message_generator::codes()) {
    const auto h = g.header(overlay::is_request(code));
    const auto whole = h.message(overlay::seal_payload(g.contents(code), h.overlay, h.transaction_id, g.self()));
    write(corpus / "overlay_message", message_name(code), whole);
  }
  write(corpus / "transport_fragments", "three", fragments(g, false));
  write(corpus / "transport_fragments", "contradicting", fragments(g, true));
}

bool reads(std::string_view structure, core::byte_view content) {
  const auto all = testing::wire_structures();
  const auto at = std::ranges::find(all, structure, &testing::wire_structure::name);
  return at != all.end() && at->again(content) == core::to_bytes(content);
}

// What the body of a message of this code is; empty: it has none.
std::string_view body_of(int code) {
  namespace c = overlay::code;
  static const std::map<int, std::string_view> bodies{{c::attach_req, "Attach"},
                                                      {c::attach_req + 1, "Attach"},
                                                      {c::app_attach_req, "AppAttach"},
                                                      {c::app_attach_req + 1, "AppAttach"},
                                                      {c::probe_req, "ProbeReq"},
                                                      {c::probe_req + 1, "ProbeAns"},
                                                      {c::ping_req, "PingReq"},
                                                      {c::ping_req + 1, "PingAns"},
                                                      {c::path_track_req, "PathTrackReq"},
                                                      {c::path_track_req + 1, "PathTrackAns"},
                                                      {c::config_update_req, "ConfigUpdate"},
                                                      {c::join_req, "JoinReq"},
                                                      {c::join_req + 1, "JoinAns"},
                                                      {c::leave_req, "LeaveReq"},
                                                      {c::update_req, "UpdateReq"},
                                                      {c::route_query_req, "RouteQueryReq"},
                                                      {c::route_query_req + 1, "RouteQueryAns"},
                                                      {c::store_req, "StoreReq"},
                                                      {c::store_req + 1, "StoreAns"},
                                                      {c::fetch_req, "FetchReq and StatReq"},
                                                      {c::fetch_req + 1, "FetchAns"},
                                                      {c::stat_req, "FetchReq and StatReq"},
                                                      {c::stat_req + 1, "StatAns"},
                                                      {c::find_req, "FindReq"},
                                                      {c::find_req + 1, "FindAns"},
                                                      {c::error, "ErrorResponse"}};
  const auto at = bodies.find(code);
  return at == bodies.end() ? std::string_view() : at->second;
}

bool reads_as_message(std::uint16_t code, core::byte_view content) {
  const auto parsed = overlay::parse_header(content);
  if (!parsed) return false;
  const auto opened = overlay::open_payload(parsed->payload);
  if (!opened || opened->contents.code != code) return false;
  const auto& body = opened->contents.body;
  return body_of(code).empty() ? body.empty() : reads(body_of(code), body);
}

core::bytes content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int check_all(const std::filesystem::path& corpus) {
  int seeds = 0;
  int refused = 0;
  const auto note = [&](const std::filesystem::path& file, bool good) {
    ++seeds;
    if (good) return;
    ++refused;
    std::cerr << file.string() << (std::filesystem::exists(file) ? ": is of no form of today\n" : ": is missing\n");
  };
  for (const auto& s : testing::wire_structures()) {
    for (int i = 0; i < of_each; ++i) {
      const auto file = corpus / s.fuzz_target / seed_name(s.name, i);
      note(file, std::filesystem::exists(file) && reads(s.name, content_of(file)));
    }
  }
  for (const auto code : testing::message_generator::codes()) {
    const auto file = corpus / "overlay_message" / message_name(code);
    note(file, reads_as_message(code, content_of(file)));
  }
  std::cout << seeds << " seeds, " << refused << " of them refused" << (refused > 0 ? ": write them anew\n" : "\n");
  return refused > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc > 2 ? argv[1] : "";
  if (verb == "check") return check_all(argv[2]);
  if (verb != "write") {
    std::cerr << "usage: fuzz-seeds write|check DIRECTORY [SEED]\n";
    return 2;
  }
  write_all(argv[2], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  return 0;
}
