"""The commands and options of OpenDSS, and what a model may do with each: what is not listed as allowed is not done.

OpenDSS takes a shortened command (or option) for the first of its list that begins so; the lists are those of DSS C-API
0.14.5, in its order (`tests/test_opendss_strangers.py` compares them with the engine).
"""

from __future__ import annotations

import functools
from typing import Literal

Meaning = Literal["redirect", "compile", "file", "folder", "set", "solve", "element", "plain", "output", "unknown"]

_COMMANDS = """
    new edit more m ~ select save show solve enable disable plot reset compile set dump open close // redirect help
    quit ? next panel sample clear about calcvoltagebases setkvbase buildy get init export fileedit voltages
    currents powers seqvoltages seqcurrents seqpowers losses phaselosses cktlosses allocateloads formedit totals
    capacity classes userclasses zsc zsc10 zscrefresh ysc puvoltages varvalues varnames buscoords makebuslist
    makeposseq reduce interpolate alignfile top rotate vdiff summary distribute di_plot comparecases yearlycurves cd
    visualize closedi doscmd estimate reconductor _initsnap _solvenocontrol _samplecontrols _docontrolactions
    _showcontrolqueue _solvedirect _solvepflow addbusmarker uuids setloadandgenkv cvrtloadshapes nodediff rephase
    setbusxy updatestorage obfuscate latlongcoords batchedit pstcalc variable reprocessbuses clearbusmarkers relcalc
    var cleanup finishtimestep nodelist connect disconnect remove calcincmatrix calcincmatrix_o refine_buslevels
    calclaplacian exportoverloads exportvviolations zsc012 allpceatbus allpdeatbus totalpowers giscoords clearall
    comhelp newactor wait solveall abort clone
"""
_PLAIN = """
    enable disable open close // ? next reset clear clearall calcvoltagebases setkvbase buildy get init
    allocateloads makebuslist makeposseq reduce interpolate rotate reconductor addbusmarker setloadandgenkv setbusxy
    updatestorage variable reprocessbuses clearbusmarkers var remove
"""
_OPTIONS = """
    type element hour sec year frequency stepsize mode random number time class object circuit editor tolerance
    maxiterations h loadmodel loadmult normvminpu normvmaxpu emergvminpu emergvmaxpu %mean %stddev ldcurve %growth
    genkw genpf capkvar addtype allowduplicates zonelock ueweight lossweight ueregs lossregs voltagebases algorithm
    trapezoidal autobuslist controlmode tracecontrol genmult defaultdaily defaultyearly allocationfactors cktmodel
    pricesignal pricecurve terminal basefrequency harmonics maxcontroliter bus datapath keeplist reduceoption
    demandinterval %normal diverbose casename markercode nodewidth log recorder overloadreport voltexceptionreport
    cfactors showexport numallociterations defaultbasefrequency markswitches switchmarkercode daisysize
    marktransformers transmarkercode transmarkersize loadshapeclass earthmodel querylog markcapacitors
    markregulators markpvsystems markstorage capmarkercode regmarkercode pvmarkercode storemarkercode capmarkersize
    regmarkersize pvmarkersize storemarkersize neglectloady markfuses fusemarkercode fusemarkersize markreclosers
    reclosermarkercode reclosermarkersize registryupdate markrelays relaymarkercode relaymarkersize processtime
    totaltime steptime sampleenergymeters miniterations dssvisualizationtool keepload zmag seasonrating seasonsignal
    linetypes eventlogdefault longlinecorrection showreports numcpus numcores numactors activeactor cpu
    actorprogress parallel concatenatereports numanodes
"""
_WRITING = """
    editor log recorder demandinterval diverbose casename overloadreport voltexceptionreport showexport querylog
    registryupdate sampleenergymeters dssvisualizationtool showreports autobuslist tracecontrol numcpus numcores
    numactors activeactor cpu actorprogress parallel concatenatereports numanodes
"""

COMMANDS = tuple(_COMMANDS.split())

_MEANINGS: dict[str, Meaning] = {
    "redirect": "redirect",
    "compile": "compile",
    "buscoords": "file",
    "latlongcoords": "file",
    "giscoords": "file",
    "cd": "folder",
    "set": "set",
    "solve": "solve",
    **dict.fromkeys(("new", "edit", "more", "m", "~", "select", "batchedit"), "element"),
    **dict.fromkeys(
        _PLAIN.split(),
        "plain",
    ),
}
"""Every other command shows, writes, solves, starts or ends something, and becomes a comment."""

OPTIONS = tuple(_OPTIONS.split())

WRITING = frozenset(_WRITING.split())
"""Options that make OpenDSS write files, start programs or further engines: they are left out."""


@functools.cache
def meaning(word: str) -> Meaning:
    """What a command means for us, by however few letters it is written."""
    name = _first(word.lower(), COMMANDS)
    return "unknown" if name is None else _MEANINGS.get(name, "output")


@functools.cache
def option(word: str) -> str:
    """The option of `Set` or `Solve` that OpenDSS understands; the word itself in lower case where there is none."""
    return _first(word.lower(), OPTIONS) or word.lower()


def _first(word: str, names: tuple[str, ...]) -> str | None:
    return word if word in names else next((name for name in names if name.startswith(word)), None)
