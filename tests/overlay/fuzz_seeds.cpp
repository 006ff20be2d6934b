// Writes what fuzzing of RELOAD's structures starts from: a few of each, made by our own encoders.
//
//   fuzz-seeds DIRECTORY [SEED]     the directory is tests/fuzz/corpus
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "support/wire_structures.hpp"

using namespace phyllo;

namespace {

constexpr int of_each = 3;

void write(const std::filesystem::path& directory, std::string name, core::byte_view content) {
  std::filesystem::create_directories(directory);
  for (auto& c : name) {
    if (c == ' ') c = '-';
  }
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

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: fuzz-seeds DIRECTORY [SEED]\n";
    return 2;
  }
  const std::filesystem::path corpus(argv[1]);
  testing::message_generator g(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1);
  for (const auto& s : testing::wire_structures()) {
    for (int i = 0; i < of_each; ++i) write(corpus / s.fuzz_target, std::string(s.name) + "-" + std::to_string(i), s.make(g));
  }
  for (const auto code : testing::message_generator::codes()) {
    const auto h = g.header(overlay::is_request(code));
    const auto whole = h.message(overlay::seal_payload(g.contents(code), h.overlay, h.transaction_id, g.self()));
    write(corpus / "overlay_message", "message-" + overlay::code_name(code), whole);
  }
  write(corpus / "transport_fragments", "three", fragments(g, false));
  write(corpus / "transport_fragments", "contradicting", fragments(g, true));
  return 0;
}
