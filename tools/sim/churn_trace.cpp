// Of the churn experiment: traces of who was there when.
#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "churn.hpp"

namespace phyllo::simulate {
namespace {

const std::map<std::string, churn_event::kind> kinds{
    {"join", churn_event::kind::join}, {"leave", churn_event::kind::leave}, {"kill", churn_event::kind::kill}};

}  // namespace

std::vector<churn_event> read_churn_trace(const std::string& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file + " can not be read");
  std::vector<churn_event> out;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (const auto comment = line.find('#'); comment != std::string::npos) line.resize(comment);
    std::istringstream words(line);
    double seconds = 0;
    std::string what, rest;
    churn_event e;
    if ((words >> std::ws).eof()) continue;
    const auto kind = words >> seconds >> what >> e.node ? kinds.find(what) : kinds.end();
    if (kind == kinds.end() || words >> rest || seconds < 0) {
      throw std::runtime_error(fmt::format("{}:{}: not `time_s join|leave|kill node`", file, number));
    }
    e.at = std::chrono::duration_cast<core::duration>(std::chrono::duration<double>(seconds));
    e.what = kind->second;
    if (!out.empty() && e.at < out.back().at) throw std::runtime_error(fmt::format("{}:{}: earlier than the line before", file, number));
    out.push_back(e);
  }
  if (out.empty()) throw std::runtime_error(file + " is empty");
  return out;
}

}  // namespace phyllo::simulate
